"""How the straight line misleads here: detour and speed of a built network, and their spread."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from geodata.errors import ProjectError, UsageError
from geodata.geodesy.ellipsoid import WGS84, inverse_m
from geodata.roads.errors import RoadsBrokenError
from geodata.roads.folder import current, replace_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geodata.geodesy import FloatArray
    from geodata.roads.network import RoadNetwork
    from geodata.roads.snapping import Snapped

PAIRS, SEED = 1000, 1
NEAREST_M, FARTHEST_M = 200.0, 5000.0
"""Straight metres apart, evenly spread; nearest-station questions are of this size."""
_TARGETS = 5
_ROUNDS = 30
_FILE = "calibration.json"


class Spread(NamedTuple):
    """Three quantiles."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Calibration:
    """What replaces the road network for a mode where there is none: metres x detour / speed.

    The median pair is met: as many ways take longer than estimated as take less.
    """

    mode: str
    detour: float
    """Metres by road for a straight one."""
    speed_kmh: float
    """On the way by road, so that the median minutes are met too."""
    minutes_per_m: Spread
    """Minutes by road for a straight metre."""
    detours: Spread
    pairs: int
    """How many pairs had a way."""
    unreachable: float
    """Share of the pairs asked that had none."""
    seed: int
    options: Mapping[str, Any]
    """The costing it was made with."""


def calibrate(
    network: RoadNetwork, mode: str, *, pairs: int = PAIRS, seed: int = SEED
) -> Calibration:
    """Measure random pairs of road points 200 m to 5 km apart; the same seed, the same answer.

    Points are spread evenly over the area covered, not by people. UsageError where ``pairs`` is
    below 10, or hardly any road for the mode is found.
    """
    if pairs < 10:  # noqa: PLR2004 - said in the message
        raise UsageError("a calibration needs 10 pairs or more")
    draw = np.random.default_rng(seed)
    straight, metres, minutes = np.empty((3, 0))
    for _ in range(_ROUNDS):
        more = _round(network, mode, draw, -(-pairs // _TARGETS))
        straight, metres, minutes = np.hstack(((straight, metres, minutes), more))
        if straight.size >= pairs:
            break
    straight, metres, minutes = straight[:pairs], metres[:pairs], minutes[:pairs]
    good = np.isfinite(minutes) & (minutes > 0)
    if good.sum() < 10:  # noqa: PLR2004 - as above
        raise UsageError(f"the network has hardly any road for {mode}: nothing to calibrate with")
    rates = _spread(minutes[good] / straight[good])
    detours = _spread(metres[good] / straight[good])
    return Calibration(
        mode=mode,
        detour=detours.p50,
        speed_kmh=round(detours.p50 / rates.p50 * 0.06, 3),
        minutes_per_m=rates,
        detours=detours,
        pairs=int(good.sum()),
        unreachable=round(1 - float(good.mean()), 6),
        seed=seed,
        options=dict(network.costing(mode).options),
    )


def _spread(values: FloatArray) -> Spread:
    return Spread(*(float(f"{each:.6g}") for each in np.quantile(values, (0.1, 0.5, 0.9))))


def _round(
    network: RoadNetwork, mode: str, draw: np.random.Generator, origins: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw origins and a few targets about each; straight metres, metres and minutes of pairs."""
    west, south, east, north = network.info.area.bounds
    lon, lat = draw.uniform((west, south), (east, north), (origins, 2)).T
    from_ = _on_road(network, lon, lat, mode)
    origin = np.repeat(np.arange(from_.lon.size), _TARGETS)
    lon, lat, _ = WGS84.fwd(
        from_.lon[origin],
        from_.lat[origin],
        draw.uniform(-180, 180, origin.size),
        draw.uniform(NEAREST_M, FARTHEST_M, origin.size),
    )
    to = network.snap(lon, lat, mode)
    to = to._replace(metres=0 * to.metres)
    straight = inverse_m(from_.lon[origin], from_.lat[origin], to.lon, to.lat)
    rows = np.flatnonzero(to.found & (straight >= NEAREST_M))
    ways = network.pairs(from_, to, origin[rows], rows, mode)
    return straight[rows], ways.metres, ways.minutes


def _on_road(network: RoadNetwork, lon: FloatArray, lat: FloatArray, mode: str) -> Snapped:
    found = network.snap(lon, lat, mode)
    found = found.take(found.found)
    return found._replace(metres=np.zeros_like(found.metres))


def calibrated(folder: Path | str) -> list[str]:
    """Return the modes calibrated on the network in use in a folder; none if that is no network."""
    try:
        return [*read(current(Path(folder)))]
    except ProjectError:
        return []


def read(build: Path) -> dict[str, Calibration]:
    """Read what was saved beside a network's tiles; empty where nothing was."""
    try:
        held = json.loads((build / _FILE).read_text("utf-8"))
        made = {mode: Calibration(**row) for mode, row in held.items()}
        return {
            mode: replace(
                each, minutes_per_m=Spread(*each.minutes_per_m), detours=Spread(*each.detours)
            )
            for mode, each in made.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise RoadsBrokenError(
            f"{build / _FILE} cannot be read ({str(error)[:80]}); remove it and calibrate again"
        ) from None


def write(build: Path, calibrations: Iterable[Calibration]) -> None:
    """Keep calibrations beside a network's tiles, in place of earlier ones of the same modes."""
    held = read(build) | {each.mode: each for each in calibrations}
    text = json.dumps({mode: asdict(each) for mode, each in held.items()}, indent=1)
    replace_text(build / _FILE, text + "\n")
