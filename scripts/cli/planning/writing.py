"""Plans to files, by the ending of their names."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from geodata import files
from geodata.errors import UsageError
from stations.planning.sheets import workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stations.planning.saving import SavedPlan
    from stations.planning.scheme import Scheme
    from stations.planning.study import Study

    type Writer = Callable[[Scheme, SavedPlan, Study | None], bytes]


def _picture(kind: Literal["png", "svg"]) -> Writer:
    def draw(scheme: Scheme, _: SavedPlan, study: Study | None) -> bytes:
        from stations.planning.plots import plot  # noqa: PLC0415 - matplotlib, only for pictures

        if study is None:
            raise UsageError("no picture of a wish that cannot be met; write .xlsx or .json")
        return plot(scheme, study, kind)

    return draw


def _page(scheme: Scheme, _: SavedPlan, study: Study | None) -> bytes:
    from web.planmap import plan_page  # noqa: PLC0415 - folium, only for a map

    return plan_page(scheme, study).encode()


WRITERS: Mapping[str, Writer] = {
    ".xlsx": workbook,
    ".json": lambda _, saved, __: saved.to_bytes(),
    ".html": _page,
    ".png": _picture("png"),
    ".svg": _picture("svg"),
}
"""What makes a whole file of a plan."""
_FRAMES = (".gpkg", ".geojson", ".parquet", ".csv")
"""Files of the actions alone, as points."""
SUFFIXES = (*WRITERS, *_FRAMES)
_STUDIED = (".xlsx", ".html", ".png", ".svg")


def check(outputs: Sequence[Path]) -> None:
    """Refuse what could not be written, before any work is done."""
    for path in outputs:
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{path.name}: write one of {', '.join(SUFFIXES)}")
        if not path.parent.is_dir() or path.is_dir():
            raise UsageError(f"{path.name} cannot be written: name a file in a folder that exists")


def studied(outputs: Sequence[Path]) -> bool:
    """Tell whether any of these files shows the frontier."""
    return any(path.suffix.lower() in _STUDIED for path in outputs)


def write(path: Path, scheme: Scheme, saved: SavedPlan, study: Study | None) -> None:
    """Write one file, whole or not at all."""
    suffix = path.suffix.lower()
    if suffix in _FRAMES:
        files.write(scheme.frame(), path)
        return
    content = WRITERS[suffix](scheme, saved, study)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        made = Path(folder) / path.name
        made.write_bytes(content)
        made.replace(path)
