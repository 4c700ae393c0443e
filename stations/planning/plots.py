"""The picture of a plan: what money gains, and which counties it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from stations.planning import sheet_tables as tables
from stations.planning import wording
from stations.report.canvas import picture
from stations.report.drawing import GREY, TEAL
from stations.report.fonts import MISSING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from stations.planning.scheme import Scheme
    from stations.planning.study import Study
    from stations.report.lettering import Lettering

ORANGE = "#E08A3C"
_SIZE = (15.0, 7.0)
_LINE = 130
"""Latin letters of a title's line."""
MOST_COUNTIES = 18
_MILLION = 1e6


def plot(
    scheme: Scheme,
    study: Study,
    kind: Literal["png", "svg"] = "png",
    *,
    font: str | None = None,
) -> bytes:
    """Return a picture: the frontier with its knee and the plan, and the counties that gain most.

    As `stations.report.canvas.picture`: same bytes for the same plan.
    """

    def draw(figure: Figure, letters: Lettering) -> None:
        left, right = figure.subplots(1, 2)
        _frontier(left, scheme, study, letters)
        _counties(right, scheme, letters)
        _sign(figure, scheme, letters)

    return picture(draw, _SIZE, kind, font)


def _frontier(axes: Axes, scheme: Scheme, study: Study, letters: Lettering) -> None:
    points, counted = study.frontier.points, wording.unit(scheme)
    money = [each.budget / _MILLION for each in points]
    bound = letters.both("证明的上界", "proven bound")
    gained = letters.both("方案", "plan")
    axes.plot(money, [each.bound for each in points], color=GREY, linestyle="--", label=bound)
    axes.plot(money, [each.gain for each in points], color=TEAL, marker="o", label=gained)
    for each in points:
        if each.budget == study.frontier.knee:
            knee = letters.both("拐点", "knee")
            axes.plot(each.budget / _MILLION, each.gain, "D", color=ORANGE, ms=10, label=knee)
    if scheme.wish.budgets is not None and not scheme.wish.cover_all:
        this, spent = letters.both("本方案", "this plan"), sum(scheme.wish.budgets) / _MILLION
        axes.plot(spent, scheme.objective, "*", color="#B42318", ms=14, label=this)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(letters.both("预算（百万元）", "budget, million yuan"))
    axes.set_ylabel(letters.both(f"增加{counted.zh}", f"{counted.en} gained"))
    axes.set_title(letters.both("预算与成效", "what money gains"))
    axes.legend(frameon=False, loc="lower right")
    axes.grid(alpha=0.25)


def _counties(axes: Axes, scheme: Scheme, letters: Lettering) -> None:
    rows = [row for row in tables.counties(scheme) if row["gained"]][:MOST_COUNTIES]
    places = range(len(rows))
    before = [row["before"] / row["present"] for row in rows]
    gained = [row["gained"] / row["present"] for row in rows]
    axes.barh(places, before, color=GREY, label=letters.both("现在", "now"), height=0.74)
    axes.barh(
        places, gained, left=before, color=TEAL, label=letters.both("增加", "gained"), height=0.74
    )
    axes.set_yticks(places, [letters.name(row["name"], row["code"]) for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "25 %", "50 %", "75 %", "100 %"])
    axes.set_title(letters.both("受益最多的县", "counties that gain most"))
    if rows:
        axes.legend(frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.06))


def _sign(figure: Figure, scheme: Scheme, letters: Lettering) -> None:
    """Write the title, what was asked, and what a reader must know."""
    title = letters.both(*wording.heading(scheme))
    asked = letters.lines(*wording.asked(scheme.wish), _LINE)
    figure.suptitle("\n".join([title, *asked]), fontsize=11)
    ends = [letters.both(*label) for label in wording.labels(scheme)]
    ends += [] if letters.chinese else [MISSING]
    status, revision = wording.STATUSES[scheme.status], scheme.registry.revision
    ends.append(
        letters.both(
            f"{status.zh}；登记簿版本 {revision}", f"{status.en}; register revision {revision}"
        )
    )
    figure.supxlabel("\n".join(ends), fontsize=9, color="#B42318")
