"""A plan kept with all it was made of: replayed it is the same plan, or says what differs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import shapely

from geodata.errors import FileFormatError
from stations.planning import candidates as places
from stations.planning.actions import Action
from stations.planning.costs import CostTable
from stations.planning.wish import Wish

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from stations.planning.scheme import Scheme
    from stations.registry import Registry
    from stations.report.spoken import Said

FORMAT, VERSION = "worker-stations plan", 1
_DEPENDS = (
    "kind",
    "amenities",
    "opening_hours",
    "host_hours",
    "amenity_hours",
    "closures",
    "calendar",
    "host",
    "area_code",
    "status",
    "places",
)
"""Columns of a station a plan may depend on, besides where it is."""
_FIGURES = 16
"""Letters of a fingerprint."""


@dataclass(frozen=True, eq=False)
class SavedPlan:
    """A plan as a file holds it."""

    wish: Wish
    costs: CostTable
    candidates: gpd.GeoDataFrame
    """A candidates frame."""
    inputs: Mapping[str, Any]
    """``revision``, ``register`` (fingerprint), ``evidence`` (number of the last piece),
    ``network`` (its id, None without), ``candidates_from`` (a file's name or ``auto``), ``notes``
    on the candidates, and the fingerprints ``costs`` and ``candidates``."""
    answer: Mapping[str, Any]
    """`Scheme.as_dict`: ``chosen``, ``objective``, ``bound``, ``gap``, ``status``, …"""

    @classmethod
    def of(
        cls,
        scheme: Scheme,
        *,
        evidence: int,
        candidates_from: str = "auto",
        notes: Sequence[Said] = (),
    ) -> Self:
        """Take a plan; ``evidence`` is `Store.evidence_number` when its register was read."""
        roads = scheme.travel.roads
        inputs = {
            "revision": scheme.registry.revision,
            "register": register_fingerprint(scheme.registry, scheme.wish.layer),
            "evidence": evidence,
            "network": None if roads is None else roads.info.id,
            "candidates_from": candidates_from,
            "candidates": places.fingerprint(scheme.candidates),
            "costs": scheme.costs.fingerprint,
            "notes": [note._asdict() for note in notes],
        }
        answer = json.loads(json.dumps(scheme.as_dict()))  # as a file gives it back
        return cls(scheme.wish, scheme.costs, scheme.candidates, inputs, answer)

    @property
    def actions(self) -> tuple[Mapping[str, Any], ...]:
        """What is done, in the plan's order: dicts of `Action.as_dict`."""
        return tuple(self.answer["chosen"])

    def summary(self) -> dict[str, Any]:
        """Return the answer and what it was made of, for JSON, without candidates and prices."""
        return {**self.answer, "format": FORMAT, "version": VERSION, "inputs": dict(self.inputs)}

    def document(self) -> dict[str, Any]:
        """Return all of it for JSON; `read` takes it back."""
        return {
            **self.summary(),
            "wish": self.wish.as_dict(),
            "prices": self.costs.as_records(),
            "candidates": places.as_records(self.candidates),
        }

    def to_bytes(self) -> bytes:
        """Return the file: UTF-8 JSON, the same bytes for the same plan."""
        text = json.dumps(self.document(), ensure_ascii=False, allow_nan=False, indent=1)
        return f"{text}\n".encode()

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read a file that holds `to_bytes`; `FileFormatError` for any other."""
        path = Path(path)
        try:
            return cls.from_bytes(path.read_bytes(), path.name)
        except OSError as error:
            raise FileFormatError(f"{path.name}: {error.strerror or error}") from None

    @classmethod
    def from_bytes(cls, content: bytes, name: str) -> Self:
        """Take back what `to_bytes` gave; ``name`` is what errors call it."""
        try:
            told = json.loads(content.decode())
        except (ValueError, RecursionError):
            raise _no_plan(name, "it is not JSON") from None
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            raise _no_plan(name, "it says nothing of the sort")
        if told.get("version") != VERSION:
            raise _no_plan(
                name, f"it has version {told.get('version')!r:.20}, this reads {VERSION}"
            )
        try:
            wish, costs = Wish.from_dict(told["wish"]), CostTable.from_records(told["prices"])
            frame, inputs = places.from_records(told["candidates"]), dict(told["inputs"])
            _require(told, inputs)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise _no_plan(name, str(error)[:200]) from None
        return cls(wish, costs, frame, inputs, told)


def _require(told: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    for name in ("chosen", "objective", "bound", "gap", "status", "before", "after"):
        _ = told[name]
    for name in ("revision", "register", "evidence", "network", "costs", "candidates"):
        _ = inputs[name]
    for name in ("revision", "evidence"):
        if not isinstance(inputs[name], int):
            raise TypeError(f"its {name} is no number")
    for name in ("before", "after"):
        _ = told[name]["share"], told[name]["exact"]
    for row in told["counties"]:
        _ = row["code"], row["name"], row["after"]
    names = [field.name for field in fields(Action)]
    for action in told["chosen"]:
        _ = [action[name] for name in names]


def _no_plan(name: str, why: str) -> FileFormatError:
    return FileFormatError(
        f"{name} is no saved plan ({why}); one is made by `stations site … -o plan.json`"
    )


def register_fingerprint(registry: Registry, layer: str) -> str:
    """Return what differs where a plan for ``layer`` could: its sites, the stations, not trust."""
    sites, frame = registry.layer(layer).sites, registry.stations
    seal = hashlib.sha256()
    for each in (frame, sites):
        seal.update("\n".join(each.index).encode())
        seal.update(b"".join(shapely.to_wkb(each.geometry.to_numpy(), byte_order=1)))
    for name in _DEPENDS:
        seal.update("\n".join(frame[name]).encode())
    workers = sites["workers"].fillna(-1).to_numpy(dtype=np.int64)
    seal.update(workers.astype("<i8").tobytes())
    seal.update("\n".join(sites["area_code"]).encode())
    return seal.hexdigest()[:_FIGURES]
