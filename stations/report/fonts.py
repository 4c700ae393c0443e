"""A font that has Chinese: found by path, since matplotlib's own list of fonts may be stale."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

from matplotlib.font_manager import fontManager

PLACES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)
"""Noto Sans CJK of Debian (fonts-noto-cjk), Fedora and Arch; WenQuanYi; macOS; Windows."""
MISSING = (
    "No Chinese font found: labels are in English only. On Debian: apt install fonts-noto-cjk."
)
SIMPLIFIED = ("CJK SC", "PingFang SC")
_adding = threading.Lock()


@cache
def chinese_font(places: tuple[str, ...] = PLACES) -> str | None:
    """Return the name matplotlib knows the first font found by; None where there is none."""
    found = next((place for place in places if Path(place).is_file()), None)
    if found is None:
        return None
    with _adding:
        before = len(fontManager.ttflist)
        fontManager.addfont(found)
    names = [entry.name for entry in fontManager.ttflist[before:]]
    simplified = (name for name in names if name.endswith(SIMPLIFIED))
    return next(simplified, names[0])
