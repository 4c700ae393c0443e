"""Snapping, minutes and metres: against brute force, other batches, threads and processes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geodata import roads
from geodata.errors import PositionError, UsageError
from geodata.geodesy import distance_m
from geodata.roads import folder as kept

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from geodata.geodesy import FloatArray
    from geodata.roads import RoadNetwork, Snapped, Ways

pytestmark = pytest.mark.shared_data
EAST_BANK, WEST_BANK = (9.52055, 47.24239), (9.51815, 47.24239)
"""182 m apart, the Rhine between them."""


@pytest.fixture(scope="module")
def network(liechtenstein_roads: RoadNetwork) -> RoadNetwork:
    return liechtenstein_roads


def scattered(size: int, seed: int) -> tuple[FloatArray, FloatArray]:
    lon, lat = np.random.default_rng(seed).uniform((9.48, 47.06), (9.60, 47.24), (size, 2)).T
    return lon, lat


def on_road(network: RoadNetwork, size: int, seed: int, mode: str) -> Snapped:
    found = network.snap(*scattered(size, seed), mode)
    found = found.take(found.found)
    return found._replace(metres=0 * found.metres)


def same(one: Ways, other: Ways) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("mode", roads.MODES)
def test_no_leg_crosses_a_river_or_is_too_long(
    network: RoadNetwork, liechtenstein_folder: Path, mode: str
) -> None:
    lon, lat = scattered(1500, 1)
    found = network.snap(lon, lat, mode)
    good = found.found
    assert 0.3 < good.mean() < 1
    legs = shapely.linestrings(
        np.column_stack((lon, lat, found.lon, found.lat))[good].reshape(-1, 2, 2)
    )
    rivers = shapely.from_wkb((kept.current(liechtenstein_folder) / kept.RIVERS).read_bytes())
    assert not shapely.intersects(legs, rivers).any()
    metres = distance_m(lon[good], lat[good], found.lon[good], found.lat[good])
    np.testing.assert_array_equal(found.metres[good], metres)
    assert found.metres[good].max() <= roads.SNAP_M
    assert np.isnan(found.lon[~good]).all()
    assert found.inside[good].all()


def test_a_snapped_point_stays_where_it_is(network: RoadNetwork) -> None:
    for mode in roads.MODES:
        found = on_road(network, 600, 2, mode)
        again = network.snap(found.lon, found.lat, mode)
        assert again.found.all()
        assert np.quantile(again.metres, 0.99) < 0.2  # the engine rounds to 1e-6 degrees
        assert again.metres.max() < 25  # what a matrix looks around for


def test_points_on_two_banks(network: RoadNetwork) -> None:
    lon, lat = np.array([EAST_BANK, WEST_BANK]).T
    assert distance_m(lon[:1], lat[:1], lon[1:], lat[1:])[0] < 200
    for mode, least, most in (("walk", 10, 20), ("ebike", 2, 10), ("car", 60, 150)):
        banks = network.snap(lon, lat, mode)
        assert banks.found.all()
        there, back = network.matrix(banks, banks, mode).minutes[[0, 1], [1, 0]]
        assert least < there < most
        assert least < back < most


def test_a_pin_on_the_bank_goes_to_its_own_bank(
    network: RoadNetwork, liechtenstein_folder: Path
) -> None:
    river = shapely.from_wkb((kept.current(liechtenstein_folder) / kept.RIVERS).read_bytes())
    lat = np.linspace(47.10, 47.24, 120)
    lon = np.full(120, 9.48)
    east = shapely.linestrings(np.column_stack((lon, lat, lon + 0.08, lat)).reshape(-1, 2, 2))
    shores = [shapely.get_coordinates(each)[:, 0] for each in shapely.intersection(east, river)]
    lon = np.array([shore.min() for shore in shores]) - 0.0001  # west of the westmost water
    found = network.snap(lon, lat, "walk")
    free = roads.RoadNetwork(network._engine, network.info, shapely.STRtree([]))
    careless = free.snap(lon, lat, "walk")
    crossing = shapely.intersects(
        shapely.linestrings(
            np.column_stack((lon, lat, careless.lon, careless.lat)).reshape(-1, 2, 2)
        ),
        river,
    )
    assert crossing.sum() > 20
    changed = ~found.found | (found.metres > careless.metres)
    assert changed[crossing].all()
    np.testing.assert_array_equal(found.metres[~crossing], careless.metres[~crossing])


def test_far_from_any_road_and_outside(network: RoadNetwork) -> None:
    ridge, chur = (9.5560, 47.0760), (9.53, 46.85)
    lon, lat = np.array([ridge, chur]).T
    found = network.snap(lon, lat, "car")
    assert not found.found.any()
    assert found.inside.tolist() == [True, False]
    town = network.snap([9.5209], [47.1410], "car")
    ways = network.matrix(found, town, "car")
    assert np.isinf(ways.minutes).all()
    assert np.isinf(ways.metres).all()


@pytest.mark.parametrize(
    ("mode", "slow", "fast"),
    [("walk", 4.5, 5.05), ("ebike", 13, 25), ("car", 15, 60), ("truck", 12, 55)],
)
def test_speeds_are_plausible(network: RoadNetwork, mode: str, slow: float, fast: float) -> None:
    points = on_road(network, 120, 3, mode)
    ways = network.matrix(points, points, mode)
    there = np.isfinite(ways.minutes) & (ways.metres > 1000)
    assert slow < np.median(ways.metres[there] / ways.minutes[there]) * 0.06 < fast


@pytest.mark.parametrize("mode", roads.MODES)
def test_least_minutes_is_a_lower_bound(network: RoadNetwork, mode: str) -> None:
    points = on_road(network, 250, 4, mode)
    legs = np.random.default_rng(4).uniform(0, 200, points.lon.size)
    draw = np.random.default_rng(5)
    origin = np.repeat(np.arange(points.lon.size), 2)
    bearing, away = draw.uniform(0, 2 * np.pi, origin.size), draw.exponential(400, origin.size)
    near = network.snap(
        points.lon[origin] + np.sin(bearing) * away / 75_600,
        points.lat[origin] + np.cos(bearing) * away / 111_200,
        mode,
    )
    near = near._replace(metres=0 * near.metres)
    for targets, target in ((near, np.arange(origin.size)), (points, draw.permutation(origin))):
        ways = network.pairs(points, targets, origin, target, mode)
        there = np.isfinite(ways.minutes)
        straight = distance_m(
            points.lon[origin][there],
            points.lat[origin][there],
            targets.lon[target][there],
            targets.lat[target][there],
        )
        least = network.costing(mode).least_minutes(straight)
        assert (ways.minutes[there] >= least).all()
        assert (least[straight > 1000] > 0).all()
    walked = points._replace(metres=legs)
    ways = network.matrix(walked.take(np.arange(5)), walked, mode)
    bare = network.matrix(points.take(np.arange(5)), points, mode)
    legs_min = (legs[:5, None] + legs) / roads.WALK_M_PER_MIN
    np.testing.assert_allclose(ways.minutes, bare.minutes + legs_min)


@pytest.mark.parametrize("mode", roads.MODES)
def test_a_pair_does_not_depend_on_what_else_is_asked(network: RoadNetwork, mode: str) -> None:
    lon, lat = np.random.default_rng(6).uniform((9.47, 47.05), (9.64, 47.27), (300, 2)).T
    found = network.snap(lon, lat, mode)  # some on pieces of road cut off at the border
    origins, targets = found.take(np.arange(40)), found.take(np.arange(40, 300))
    whole = network.matrix(origins, targets, mode)
    assert np.isinf(whole.minutes).any()
    order = np.random.default_rng(7).permutation(260)
    mixed = network.matrix(origins, targets.take(order), mode)
    assert same(roads.Ways(*(each[:, order] for each in whole)), mixed)
    origin, target = (each.ravel() for each in np.indices((40, 260)))
    some = np.random.default_rng(8).permutation(origin.size)[:300]
    pairs = network.pairs(origins, targets, origin[some], target[some], mode)
    assert same(roads.Ways(*(each.ravel()[some] for each in whole)), pairs)
    for row in some[:25]:
        one, other = (
            origins.take(origin[row : row + 1]),
            targets.take(target[row : row + 1]),
        )
        alone = network.matrix(one, other, mode)
        assert alone.minutes[0, 0] == whole.minutes.ravel()[row]
        assert alone.metres[0, 0] == whole.metres.ravel()[row]


def test_more_origins_than_targets_still_run_forward(network: RoadNetwork) -> None:
    points = on_road(network, 300, 9, "car")
    targets = points.take(np.arange(2))
    many = network.matrix(points, targets, "car")
    each = [network.matrix(points.take(np.array([row])), targets, "car") for row in range(30)]
    np.testing.assert_array_equal(many.minutes[:30], np.vstack([one.minutes for one in each]))


def test_threads_and_forked_processes_answer_alike(network: RoadNetwork) -> None:
    points = on_road(network, 30, 10, "ebike")
    expected = network.matrix(points, points, "ebike")

    def ask(_: int) -> bool:
        return same(network.matrix(points, points, "ebike"), expected)

    def child(sender: Connection) -> None:
        with ThreadPoolExecutor(3) as inner:
            sender.send(all(inner.map(ask, range(3))))

    fork = multiprocessing.get_context("fork")
    pipes = [fork.Pipe(duplex=False) for _ in range(2)]
    children = [fork.Process(target=child, args=(sender,)) for _, sender in pipes]
    for each in children:
        each.start()
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(6)))
    assert all(receiver.poll(60) and receiver.recv() for receiver, _ in pipes)
    for each in children:
        each.join()
        assert each.exitcode == 0


def test_pairs_count_and_can_be_stopped(network: RoadNetwork) -> None:
    points = on_road(network, 80, 11, "walk")
    size = points.lon.size
    origin, target = np.arange(size).repeat(3), np.arange(size * 3) % size
    seen: list[tuple[int, int]] = []
    network.pairs(points, points, origin, target, "walk", progress=lambda *at: seen.append(at))
    assert seen[-1] == (size * 3, size * 3)
    assert seen == sorted(seen)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        network.pairs(points, points, origin, target, "walk", progress=stop)


def test_nothing_asked_is_nothing_answered(network: RoadNetwork) -> None:
    none = network.snap([], [], "walk")
    some = network.snap([9.5209], [47.1410], "walk")
    assert none.lon.shape == none.inside.shape == (0,)
    assert network.matrix(none, some, "walk").minutes.shape == (0, 1)
    assert network.matrix(some, none, "walk").metres.shape == (1, 0)
    rows = np.empty(0, dtype=np.int64)
    assert network.pairs(some, some, rows, rows, "walk").minutes.shape == (0,)
    assert network.isochrones([], [], "walk", 5).shape == (0,)


def test_what_is_no_question_is_refused(network: RoadNetwork) -> None:
    some = network.snap([9.5209], [47.1410], "walk")
    for lon, lat in ((np.nan, 47.0), (9.5, np.inf), (200.0, 47.0)):
        with pytest.raises(PositionError):
            network.snap([lon], [lat], "walk")
    with pytest.raises(UsageError, match="boat"):
        network.snap([9.5], [47.0], "boat")
    for rows in (np.array([1]), np.array([-1])):
        with pytest.raises(UsageError, match="row numbers"):
            network.pairs(some, some, rows, np.array([0]), "walk")
    for minutes in (0, -1, float("nan"), 361):
        with pytest.raises(UsageError, match="minutes"):
            network.isochrones([9.5209], [47.1410], "walk", minutes)


def test_height_closes_a_road_to_tall_trucks(liechtenstein_folder: Path) -> None:
    sizes = vars(roads.usual_truck())
    ends = np.array([(9.559773, 47.115980), (9.569613, 47.115066)])  # a tunnel, maxheight=3.6
    minutes = []
    for height in (3.5, 3.7):
        truck = roads.TruckSize(**sizes | {"height_m": height})
        network = roads.RoadNetwork.open(liechtenstein_folder, truck=truck)
        points = network.snap(ends[:, 0], ends[:, 1], "truck")
        minutes.append(network.matrix(points, points, "truck").minutes[0, 1])
    assert minutes[0] < 5
    assert minutes[1] > minutes[0] + 1


def test_the_engine_says_nothing(
    liechtenstein_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    network = roads.RoadNetwork.open(liechtenstein_folder)
    points = network.snap([9.5209, 9.48, 0.0], [47.1410, 47.06, 0.0], "car")
    network.matrix(points, points, "car")
    network.isochrones([9.5209], [47.1410], "walk", 3)
    assert capfd.readouterr() == ("", "")


def test_calibration_is_repeatable_and_kept(
    network: RoadNetwork, liechtenstein_folder: Path
) -> None:
    made = roads.calibrate(network, "ebike", pairs=200)
    assert made == roads.calibrate(network, "ebike", pairs=200)
    assert made != roads.calibrate(network, "ebike", pairs=200, seed=2)
    assert 1 < made.detours.p10 < made.detour == made.detours.p50 < made.detours.p90
    assert 10 < made.speed_kmh < 25
    assert made.detour / made.speed_kmh * 0.06 == pytest.approx(made.minutes_per_m.p50, rel=1e-3)
    assert not network.calibrations
    try:
        network.save(made)
        again = roads.RoadNetwork.open(liechtenstein_folder)
        assert again.calibrations == {"ebike": made}
    finally:
        (kept.current(liechtenstein_folder) / "calibration.json").unlink()
    with pytest.raises(UsageError, match="10 pairs"):
        roads.calibrate(network, "walk", pairs=3)
