"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.roads import liechtenstein_folder, liechtenstein_roads

__all__ = ["liechtenstein_folder", "liechtenstein_roads"]

os.environ["STATIONS_ROADS"] = "none"  # not the road network of whoever runs the tests

settings.register_profile("thorough", deadline=None, max_examples=200)  # scripts/test --all
settings.register_profile("ours", deadline=None, derandomize=True, max_examples=30)
settings.load_profile("ours")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files kept beside the checkout; the test is skipped where they are absent."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no folder of real files at {folder}")
    return folder
