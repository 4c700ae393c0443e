"""The four pictures, each drawn into axes it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stations.coverage import figures
from stations.coverage.method import words
from stations.cube.hours_text import DAY_HOURS, EN, WEEK_DAYS, ZH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from stations.coverage import Truth
    from stations.cube import Fairness
    from stations.report.lettering import Lettering

TEAL, GREY = "#1F7A72", "#8A949E"
CAUSE_COLOURS = {
    "no_station": "#9AA5B1",
    "closed": "#E08A3C",
    "unknown": "#E9C46A",
    "amenity": "#7B6CB8",
    "trust": "#C44E52",
}
"""Told apart by lightness too."""
MOST_AREAS = 18
LIGHT = 0.55
"""Cells above it are light: their letters are dark."""
STEP_AFTER = {"no_station": "paper", "unknown": "hours", "amenity": "amenities", "trust": "trust"}
"""The step that is left once a cause has taken its part."""


def waterfall(axes: Axes, answer: Truth, letters: Lettering, _: str) -> None:
    """Draw how many are left at each step, and what took the others."""
    sums = answer.waterfall().iloc[0]
    present = max(float(sums["present"]), 1)
    bars = [(letters.both("在岗", "present"), 0.0, sums["present"] / present, TEAL)]
    left = float(sums["present"])
    for cause, colour in CAUSE_COLOURS.items():
        lost = float(sums[f"lost_{cause}"])
        left -= lost
        said = words()["causes"][cause]
        bars.append((letters.both(said["zh"], said["en"]), left / present, lost / present, colour))
        if cause in STEP_AFTER:
            said = words()["steps"][STEP_AFTER[cause]]
            bars.append((letters.both(said["zh"], said["en"]), 0.0, left / present, TEAL))
    for row, (_, start, length, colour) in enumerate(bars):
        axes.barh(row, length, left=start, color=colour, height=0.72)
        sign = "−" if colour != TEAL and length else ""
        axes.text(start + length + 0.01, row, f"{sign}{length:.1%}", va="center", fontsize=9)
    axes.set_yticks(range(len(bars)), [label for label, *_ in bars], fontsize=9)
    axes.invert_yaxis()
    _share_axis(axes, 1.14)
    unit = ("占人时", "of worker-hours") if answer.weighed else ("占点时", "of site-hours")
    axes.set_title(letters.both(f"从账面到实际（{unit[0]}）", f"from paper to real, {unit[1]}"))
    _bare(axes)


def week(axes: Axes, answer: Truth, letters: Lettering, _: str) -> None:
    """Draw the share covered at each hour; grey: nobody there, or not asked about."""
    hours = answer.hours()
    share = np.full(WEEK_DAYS * DAY_HOURS, np.nan)
    share[hours.index] = figures.share_of(hours["trust"], hours["present"])
    grid = share.reshape(WEEK_DAYS, DAY_HOURS)
    axes.set_facecolor("#E5E7EB")
    picture = axes.imshow(grid, cmap="viridis", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(0, DAY_HOURS, 2), [f"{hour:02}" for hour in range(0, DAY_HOURS, 2)])
    days = [letters.both(zh, en) for zh, en in zip(ZH, EN, strict=True)]
    axes.set_yticks(range(WEEK_DAYS), days, fontsize=9)
    for day, hour in np.argwhere(np.isfinite(grid)).tolist():
        colour = "black" if grid[day, hour] > LIGHT else "white"
        text = f"{grid[day, hour] * 100:.0f}"
        axes.text(hour, day, text, ha="center", va="center", fontsize=6, color=colour)
    axes.figure.colorbar(picture, ax=axes, shrink=0.8, format=lambda part, _: f"{part:.0%}")
    axes.set_xlabel(letters.both("时（北京时间）", "hour, Beijing time"))
    axes.set_title(letters.both("一周各时段实际覆盖率（%）", "real share by hour, %"))


def areas(axes: Axes, answer: Truth, letters: Lettering, by: str) -> None:
    """Draw the areas that lose most: real, and lost by cause."""
    rows = sorted(answer.rows(by), key=lambda row: row["steps"]["trust"] - row["worker_hours"])
    shown = [row for row in rows if row["worker_hours"]][:MOST_AREAS]
    start = np.zeros(len(shown))
    parts = [(letters.both("实际覆盖", "covered"), TEAL, [row["steps"]["trust"] for row in shown])]
    for cause, colour in CAUSE_COLOURS.items():
        said = words()["causes"][cause]
        label = letters.both(said["zh"], said["en"])
        parts.append((label, colour, [row["lost"][cause] for row in shown]))
    whole = [row["worker_hours"] for row in shown]
    for label, colour, values in parts:
        share = figures.share_of(values, whole)
        axes.barh(range(len(shown)), share, left=start, color=colour, label=label, height=0.78)
        start += share
    names = [letters.name(row["name"], row["code"]) for row in shown]
    axes.set_yticks(range(len(shown)), names, fontsize=8)
    axes.invert_yaxis()
    _share_axis(axes, 1.0)
    axes.legend(fontsize=7, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.06), frameon=False)
    left_out = (
        f"（共 {len(rows)} 个，列损失最多的 {len(shown)} 个）" if len(rows) > len(shown) else ""
    )
    title = f"{len(shown)} of {len(rows)}, most left out first"
    axes.set_title(letters.both(f"各地区{left_out}", title))
    _bare(axes)


def lorenz(axes: Axes, answer: Truth, letters: Lettering, by: str) -> None:
    """Draw the Lorenz curve of real coverage over areas."""
    fair = answer.fairness(by)
    curve = fair.lorenz
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    axes.plot(curve.people, curve.covered, color=TEAL, linewidth=2)
    axes.fill_between(curve.people, curve.covered, curve.people, color=TEAL, alpha=0.15)
    axes.text(0.04, 0.93, "\n".join(_evenness(fair, letters)), va="top", fontsize=10)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    axes.set_xlabel(
        letters.both("人时累计占比（最差者在先）", "share of worker-hours, worst first")
    )
    axes.set_ylabel(letters.both("已覆盖累计占比", "share of what is covered"))
    axes.set_title(letters.both("地区间的均衡（洛伦兹曲线）", "evenness over areas (Lorenz)"))
    _bare(axes)


def _evenness(fair: Fairness, letters: Lettering) -> list[str]:
    if np.isnan(fair.mean):
        return [letters.both("没有人在", "nobody there")]
    if fair.nobody:
        return [letters.both("无人覆盖", "nobody covered")]
    if fair.single:
        return [letters.both("只有一个地区", "one area only") + f" {fair.mean:.1%}"]
    return [
        letters.both("基尼系数", "Gini") + f" {fair.gini:.3f}",
        letters.both("最差十分之一", "worst tenth") + f" {fair.worst_decile:.1%}",
    ]


def _share_axis(axes: Axes, most: float) -> None:
    axes.set_xlim(0, most)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "25 %", "50 %", "75 %", "100 %"])


def _bare(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
