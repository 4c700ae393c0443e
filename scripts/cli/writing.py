"""Files the command writes whole, or not at all."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    if not path.parent.is_dir() or path.is_dir():
        raise UsageError(f"{path.name} cannot be written: name a file in a folder that exists")
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        made = Path(folder) / path.name
        made.write_bytes(content)
        made.replace(path)


def put_all(paths: Sequence[Path], writers: Mapping[str, Callable[[], bytes]]) -> None:
    """Write each path by the writer of its ending."""
    for path in paths:
        put(path, writers[path.suffix.lower()]())


def refuse_others(paths: Sequence[Path], endings: Sequence[str]) -> None:
    """Raise `UsageError` for a path whose ending is not one of ``endings``."""
    for path in paths:
        if path.suffix.lower() not in endings:
            raise UsageError(f"{path.name}: write one of {', '.join(endings)}")


def json_bytes(document: Any) -> bytes:  # noqa: ANN401 - anything JSON can hold
    """Return a JSON file's content, for people to read."""
    return f"{json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)}\n".encode()
