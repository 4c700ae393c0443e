"""The command line, run in the test's own process."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from scripts import cli

if TYPE_CHECKING:
    from pathlib import Path


class Shell:
    """Runs ``stations`` with a store of its own; whoever makes it restores ``sys.argv``."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.db = f"sqlite:///{folder / 'register.db'}"

    def __call__(self, *words: str, db: str | None = None) -> tuple[int, str, str]:
        sys.argv = ["stations", *words, "--db", db or self.db]
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = self._capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    def json(self, *words: str) -> Any:
        code, out, err = self(*words, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return str(path)
