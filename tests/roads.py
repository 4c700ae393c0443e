"""The road network of Liechtenstein, built once a session from the real extract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geodata import roads

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def liechtenstein_folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder `roads.build` made; do not build into it again."""
    folder = tmp_path_factory.mktemp("roads") / "liechtenstein"
    roads.build(shared_data / "osm" / "liechtenstein-latest.osm.pbf", folder)
    return folder


@pytest.fixture(scope="session")
def liechtenstein_roads(liechtenstein_folder: Path) -> roads.RoadNetwork:
    """Give the network, open."""
    return roads.RoadNetwork.open(liechtenstein_folder)
