"""Plots of coverage in truth: from paper to real, the week, the areas, the Lorenz curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from geodata.errors import UsageError
from stations.report import spoken
from stations.report.canvas import picture
from stations.report.drawing import areas, lorenz, waterfall, week
from stations.report.fonts import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stations.coverage import Truth
    from stations.report.lettering import Lettering

    type Draw = Callable[[Axes, Truth, Lettering, str], None]

PLOTS: Mapping[str, Draw] = {"waterfall": waterfall, "week": week, "areas": areas, "lorenz": lorenz}
"""One picture each; ``all`` has the four on one page."""
_SIZE, _PAGE = (9.0, 5.6), (17.0, 11.5)
LETTERS_PER_INCH = 10
"""Latin letters of a title; Chinese ones are twice as wide."""


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

    def draw(figure: Figure, letters: Lettering) -> None:
        if which == "all":
            axes = figure.subplots(2, 2).ravel()
            for each, axis in zip(PLOTS.values(), axes, strict=True):
                each(axis, answer, letters, by)
        else:
            PLOTS[which](figure.subplots(), answer, letters, by)
        _sign(figure, answer, letters)

    return picture(draw, _PAGE if which == "all" else _SIZE, kind, font)


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
