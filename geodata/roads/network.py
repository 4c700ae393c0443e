"""The road network as the project sees it: snap, matrix, pairs, isochrones."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import shapely

from geodata.errors import UsageError
from geodata.geodesy.lonlat import checked
from geodata.roads import calibration, closures, isochrones, matrices, snapping
from geodata.roads import folder as kept
from geodata.roads.costing import MODES, Costing, TruckSize, costing_of
from geodata.roads.engine import Engine, LocalEngine, RefusalError, RemoteEngine, understood
from geodata.roads.errors import RoadsBrokenError, RoadsServerError
from geodata.roads.folder import NetworkInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from geodata.geodesy import IntArray
    from geodata.roads.calibration import Calibration
    from geodata.roads.matrices import Progress, Ways
    from geodata.roads.snapping import Snapped

_EVERYWHERE = shapely.box(-180, -90, 180, 90)


class RoadNetwork:
    """A road network and how it is travelled; threads may share one, and it survives a fork."""

    def __init__(
        self,
        engine: Engine,
        info: NetworkInfo,
        rivers: shapely.STRtree,
        truck: TruckSize | None = None,
        build: Path | None = None,
    ) -> None:
        self.info = info
        self._build = build
        self._engine, self._rivers = engine, rivers
        self._costings = {mode: costing_of(mode, truck) for mode in MODES}
        self._area = info.area
        shapely.prepare(self._area)

    @classmethod
    def open(cls, place: str | Path, *, truck: TruckSize | None = None) -> Self:
        """Open a folder made by `build`, or a Valhalla server at ``http(s)://host:port``.

        A server knows nothing of rivers, and of its area only the box it may tell of. Its answers
        are ours only if it is set to ``source_to_target_algorithm: timedistancematrix``.

        RoadsMissingError: nothing there. RoadsBrokenError: damaged, half built.
        RoadsServerError: no answer, or no Valhalla's.
        """
        if str(place).startswith(("http://", "https://")):
            return cls._of_server(str(place), truck)
        return kept.steadily(Path(place), lambda build: cls._of_folder(Path(place), build, truck))

    @classmethod
    def _of_folder(cls, folder: Path, build: Path, truck: TruckSize | None) -> Self:
        info, hashes = kept.read_manifest(folder, build)
        try:
            kept.verify(folder, build, hashes)
            rivers = shapely.get_parts(shapely.from_wkb((build / kept.RIVERS).read_bytes()))
            engine = LocalEngine(build / kept.TILES)
        except OSError as error:
            if isinstance(error, RoadsBrokenError):
                raise
            raise RoadsBrokenError(
                f"the road network in {folder} cannot be opened: {error.strerror or error}"
            ) from None
        return cls(engine, info, shapely.STRtree(rivers), truck, build)

    @classmethod
    def _of_server(cls, address: str, truck: TruckSize | None) -> Self:
        engine = RemoteEngine(address)
        try:
            said = engine.ask("status", {"verbose": True})
        except RefusalError:
            said = engine.ask("status", {})
        return cls(engine, _server_info(said, engine.address), shapely.STRtree([]), truck)

    @property
    def intact(self) -> bool:
        """Whether nobody has written to the tiles since they were opened: then ask no more."""
        return self._engine.intact

    def costing(self, mode: str) -> Costing:
        """Return how a mode travels; UsageError for an unknown one."""
        return self._costings[mode] if mode in self._costings else costing_of(mode)

    def closing(self, lon: npt.ArrayLike, lat: npt.ArrayLike, mode: str) -> Self:
        """Return this network with the road nearest to each place closed to a mode.

        Closed is the section between two junctions, and at a junction all that meet there. Nobody
        gets through; who stands on it walks along it to the end on their side of the place. Other
        modes travel as before. A carriageway mapped as a line of its own needs a place of its own.

        UsageError for a place more than 50 m from any road of the mode or outside the network, and
        for none or more than 50 of them.
        """
        east, north = checked(lon, lat)
        asked = list(zip(east.tolist(), north.tolist(), strict=True))
        found = self.snap(east, north, mode)
        closed = copy(self)
        made = closures.close(self._engine, self.costing(mode), asked, found)
        closed._costings = {**self._costings, mode: made}  # noqa: SLF001 - our own copy
        return closed

    def snap(self, lon: npt.ArrayLike, lat: npt.ArrayLike, mode: str) -> Snapped:
        """Bring points, arrays of shape (n,), to the road nearest to them for a mode.

        Not farther than `SNAP_M`, and never across a river; `Snapped` says the rest. PositionError
        for what is no position.
        """
        east, north = checked(lon, lat)
        found = snapping.snap(self._engine, self._rivers, east, north, self.costing(mode))
        within = shapely.intersects_xy(self._area, east, north)
        return found._replace(inside=within | found.inside)

    def matrix(self, origins: Snapped, targets: Snapped, mode: str) -> Ways:
        """Minutes and metres from every origin to every target, shape (m, n); see `Ways`."""
        return matrices.matrix(self._engine, self.costing(mode), origins, targets)

    def pairs(
        self,
        origins: Snapped,
        targets: Snapped,
        origin: IntArray,
        target: IntArray,
        mode: str,
        *,
        progress: Progress | None = None,
    ) -> Ways:
        """Minutes and metres of chosen pairs, shape (k,), equal to those of `matrix`.

        ``origin`` and ``target`` are row numbers; pairs of one origin are asked together, over
        every core. ``progress(done, total)`` counts pairs; an exception from it ends the work.
        """
        return matrices.pairs(
            self._engine,
            self.costing(mode),
            origins,
            targets,
            origin=origin,
            target=target,
            progress=progress,
        )

    def isochrones(
        self,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        mode: str,
        minutes: float,
        *,
        towards: bool = True,
    ) -> npt.NDArray[np.object_]:
        """Polygons (with holes, in degrees) of who gets to each point within ``minutes``, (n,).

        ``towards=False``: of where one gets from it. Made of square cells of 25 m or more, each of
        which belongs if the matrix gives its middle at most ``minutes``; README.md says how true
        that is between the middles. Empty where a point has no road. UsageError for minutes that
        are not above 0 and at most `HORIZON_MIN`.
        """
        centres = self.snap(lon, lat, mode)
        made = [
            isochrones.isochrone(
                self, centres.take(np.array([row])), mode, minutes, towards=towards
            )
            for row in range(centres.lon.size)
        ]
        return np.array(made, dtype=object)

    def towards(self, origins: Snapped, target: Snapped, mode: str) -> Ways:
        """Minutes and metres from many origins to one target, shape (m, 1), searched backwards.

        Quick, and up to 1 % off what `matrix` says: for isochrones, not for comparing stations.
        """
        return matrices.towards(self._engine, self.costing(mode), origins, target)

    def ask(self, action: str, request: dict[str, Any]) -> Any:  # noqa: ANN401 - parsed JSON
        """Put a request to the engine itself; RefusalError where it says no."""
        return self._engine.ask(action, request)

    @property
    def calibrations(self) -> Mapping[str, Calibration]:
        """Saved calibrations by mode, of those made with the costing in use; empty for none."""
        if self._build is None:
            return {}
        return {
            mode: each
            for mode, each in calibration.read(self._build).items()
            if each.options == self.costing(mode).options
        }

    def save(self, *calibrations: Calibration) -> None:
        """Keep calibrations beside the network; UsageError for a server's."""
        if self._build is None:
            raise UsageError("calibrations are kept beside a built network, not on a server")
        calibration.write(self._build, calibrations)


def _server_info(said: Any, address: str) -> NetworkInfo:  # noqa: ANN401 - parsed JSON
    if not isinstance(said, dict) or "version" not in said:
        raise RoadsServerError(f"what answers at {address} is no Valhalla server")
    changed = said.get("tileset_last_modified")
    with understood():
        area = shapely.from_geojson(_text(said["bbox"])) if said.get("bbox") else _EVERYWHERE
        built_at = datetime.fromtimestamp(changed, UTC) if isinstance(changed, int) else None
    return NetworkInfo(
        id=f"valhalla {said['version']} {changed}",
        source=address,
        built_at=built_at,
        osm_at=None,
        bytes=0,
        nodes=0,
        edges=0,
        area=area,
        engine=str(said["version"]),
        where=address,
    )


def _text(document: Any) -> str:  # noqa: ANN401 - parsed JSON
    import orjson  # noqa: PLC0415 - only for servers

    return orjson.dumps(document).decode()
