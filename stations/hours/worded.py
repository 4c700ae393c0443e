"""Opening hours in a sentence: an expression in Chinese words, ``周一-周五 08:30-12:00``."""

from __future__ import annotations

import re

_DAYS = dict(
    zip(
        ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
        ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
        strict=True,
    )
)
_WORDS = {
    "24/7": "全天", "PH": "节假日", "off": "不开", "closed": "不开", "Mo-Su": "每天", **_DAYS,
}  # fmt: skip
_WORD = re.compile(r"24/7|\b(?:Mo-Su|Mo|Tu|We|Th|Fr|Sa|Su|PH|off|closed)\b|;\s*")


def worded(expression: str) -> str:
    """Return an opening-hours expression for Chinese readers; what has no word stays as it is."""
    return _WORD.sub(lambda found: _WORDS.get(found[0], "；"), expression)
