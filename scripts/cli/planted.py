"""``stations audit planted``: how much is found of faults that were planted on purpose."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geodata import files
from geodata.errors import UsageError
from scripts.cli.output import json_option, print_json, print_table, progress

if TYPE_CHECKING:
    from stations.audit.quality.measuring import Trial


@click.command()
@click.option("--seed", type=click.IntRange(0), default=10, show_default=True, help="The first.")
@click.option(
    "--seeds", type=click.IntRange(1, 100), default=1, show_default=True, help="How many."
)
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write what was planted where with the first seed: .xlsx or .csv.",
)
@json_option
def planted(*, seed: int, seeds: int, truth: Path | None, as_json: bool) -> None:
    """Plant faults in the made-up Yunnan, in 5 % of its records, and tell what is found of them.

    13 sorts; then whole uploads in another datum. No register is read or written.

    Example: stations audit planted --seed 10 --seeds 10 --truth planted.xlsx
    """
    from stations import demo  # noqa: PLC0415 - only the demonstration needs it
    from stations.audit.quality.measuring import trial  # noqa: PLC0415
    from stations.audit.quality.planting import plant  # noqa: PLC0415

    if truth is not None and truth.suffix.lower() not in {".xlsx", ".csv"}:
        raise UsageError(f"{truth.name}: write .xlsx or .csv")
    register = demo.build(0).stations
    if truth is not None:
        files.write(plant(register, seed).faults, truth)
    with progress("planting and auditing"):
        found = trial(register, range(seed, seed + seeds), demo.UNTIL)
    if as_json:
        sorts, uploads = (frame.to_dict("records") for frame in found)
        print_json({"sorts": sorts, "uploads": uploads, "synthetic": True})
        return
    _show(found)


def _show(found: Trial) -> None:
    for title, frame in (
        ("单条与整表 Faults by sort", found.sorts),
        ("整批坐标基准 Whole uploads in another datum", found.uploads),
    ):
        rows = [[_cell(cell) for cell in row] for row in frame.itertuples(index=False)]
        print_table(title, list(frame.columns), rows)
    click.echo("合成演示数据 Synthetic demonstration data")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.3f}"
    return str(value)
