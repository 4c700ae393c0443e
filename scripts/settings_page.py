"""Writes the table of settings in ``web/serving.md`` from their docstrings; a test compares."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from web import settings
from web.settings import PREFIX

PAGE = Path(settings.__file__).with_name("serving.md")
BEGIN, END = "<!-- settings: scripts/settings_page.py writes this -->", "<!-- end of settings -->"
_NAME = re.compile(r"``STATIONS_\w+``\s*[:.]?\s*")


def table() -> str:
    """Return the table, one row a setting, in the order they are declared."""
    rows = [f"| `{PREFIX}{name.upper()}` | {_plain(text)} |" for name, text in told().items()]
    return "\n".join(["| variable | what it says |", "|---|---|", *rows])


def told() -> dict[str, str]:
    """Return what the docstring under each field of `Settings` says."""
    tree = ast.parse(Path(settings.__file__).read_text("utf-8"))
    (found,) = [
        node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings"
    ]
    texts: dict[str, str] = {}
    for field, after in zip(found.body, found.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            said = after.value.value if isinstance(after, ast.Expr) else None  # type: ignore[attr-defined]
            texts[field.target.id] = said if isinstance(said, str) else ""
    return texts


def _plain(text: str) -> str:
    words = " ".join(_NAME.sub("", text, count=1).split()).replace("``", "`").replace("|", r"\|")
    return words or "as the one above"


def written(page: str) -> str:
    """Return the page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
