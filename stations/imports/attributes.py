"""What a file says of its rows in columns no field takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def packed(frame: pd.DataFrame, others: tuple[str, ...]) -> list[str]:
    """Return the columns no field took, one JSON object a row, without empty cells.

    A column ``attributes`` that holds such objects, as our own exports have, is taken apart again.
    """
    rows = []
    for record in frame[list(others)].to_dict("records"):
        filled = {str(name): value for name, value in record.items() if value != ""}
        inner = _json_object(filled.get("attributes", ""))
        if inner is not None:
            filled = {**inner, **{k: v for k, v in filled.items() if k != "attributes"}}
        rows.append(json.dumps(filled, ensure_ascii=False))
    return rows


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
