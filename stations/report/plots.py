"""Plots of coverage in truth: from paper to real, the week, the areas, the Lorenz curve."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geodata.errors import UsageError
from stations.report import spoken
from stations.report.drawing import areas, lorenz, waterfall, week
from stations.report.fonts import MISSING, chinese_font
from stations.report.lettering import Lettering

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes

    from stations.coverage import Truth

    type Draw = Callable[[Axes, Truth, Lettering, str], None]

PLOTS: Mapping[str, Draw] = {"waterfall": waterfall, "week": week, "areas": areas, "lorenz": lorenz}
"""One picture each; ``all`` has the four on one page."""
_SIZE, _PAGE, _DPI = (9.0, 5.6), (17.0, 11.5), 110
LETTERS_PER_INCH = 10
"""Latin letters of a title; Chinese ones are twice as wide."""
_drawing = threading.Lock()


def plot(
    answer: Truth,
    which: str = "all",
    kind: Literal["png", "svg"] = "png",
    by: str = "county",
    *,
    font: str | None = None,
) -> bytes:
    """Return a picture, one of `PLOTS` or ``all``; areas are those of ``by``.

    The same answer, font and matplotlib give the same bytes. ``font`` names one that matplotlib
    knows, `chinese_font` if None; "" is for none: then labels are in English, areas are codes,
    and a line says so. Letters of an SVG are drawn as outlines. Another ``which`` or ``kind`` is a
    `UsageError`.
    """
    if which not in {*PLOTS, "all"}:
        raise UsageError(f"a plot is one of {', '.join(PLOTS)} or all, not {which[:40]!r}")
    if kind not in {"png", "svg"}:
        raise UsageError(f"plots are written as png or svg, not {kind[:40]!r}")
    name = chinese_font() if font is None else font
    letters = Lettering(bool(name))
    families = [name, "DejaVu Sans"] if name else ["DejaVu Sans"]
    settings: dict[Any, Any] = {
        "font.family": families,
        "svg.hashsalt": "stations",
        "text.parse_math": False,
        "axes.unicode_minus": False,
    }
    with _drawing, mpl.rc_context(settings):  # rc settings are the process's
        figure = _page(answer, letters, by) if which == "all" else _one(answer, letters, which, by)
        out = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, dpi=_DPI, metadata=metadata)
    return out.getvalue()


def _one(answer: Truth, letters: Lettering, which: str, by: str) -> Figure:
    figure = Figure(figsize=_SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    PLOTS[which](figure.subplots(), answer, letters, by)
    _sign(figure, answer, letters)
    return figure


def _page(answer: Truth, letters: Lettering, by: str) -> Figure:
    figure = Figure(figsize=_PAGE, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 2).ravel()
    for draw, axis in zip(PLOTS.values(), axes, strict=True):
        draw(axis, answer, letters, by)
    _sign(figure, answer, letters)
    return figure


def _sign(figure: Figure, answer: Truth, letters: Lettering) -> None:
    """Write the title, what was asked, and what a reader must know."""
    most = int(figure.get_figwidth() * LETTERS_PER_INCH)
    title = letters.both(*spoken.heading(answer))
    figure.suptitle("\n".join([title, *letters.lines(*spoken.asked(answer), most)]), fontsize=11)
    ends = [letters.both(*label) for label in spoken.labels(answer)]
    ends += [] if letters.chinese else [MISSING]
    revision = (f"登记簿版本 {answer.revision}", f"register revision {answer.revision}")
    zh, en = (f"{ways}  {more}" for ways, more in zip(spoken.ways(answer), revision, strict=True))
    ends += letters.lines(zh, en, most)
    figure.supxlabel("\n".join(ends), fontsize=9, color="#B42318")
