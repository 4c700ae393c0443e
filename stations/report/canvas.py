"""Pictures in the house style: a figure drawn with a font that has Chinese, the same every time."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geodata.errors import UsageError
from stations.report.fonts import chinese_font
from stations.report.lettering import Lettering

if TYPE_CHECKING:
    from collections.abc import Callable

_DPI = 110
_drawing = threading.Lock()


def picture(
    draw: Callable[[Figure, Lettering], None],
    size: tuple[float, float],
    kind: Literal["png", "svg"] = "png",
    font: str | None = None,
) -> bytes:
    """Return what ``draw`` puts on a figure of ``size`` inches.

    The same drawing, font and matplotlib give the same bytes. ``font`` names one that matplotlib
    knows, `chinese_font` if None; "" is for none: then the lettering is English. Letters of an SVG
    are drawn as outlines. Another ``kind`` is a `UsageError`.
    """
    if kind not in {"png", "svg"}:
        raise UsageError(f"plots are written as png or svg, not {kind[:40]!r}")
    name = chinese_font() if font is None else font
    settings: dict[Any, Any] = {
        "font.family": [name, "DejaVu Sans"] if name else ["DejaVu Sans"],
        "svg.hashsalt": "stations",
        "text.parse_math": False,
        "axes.unicode_minus": False,
    }
    with _drawing, mpl.rc_context(settings):  # rc settings are the process's
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure, Lettering(bool(name)))
        out = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, dpi=_DPI, metadata=metadata)
    return out.getvalue()
