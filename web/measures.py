"""What `/metrics` tells of the register, asked when Prometheus asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from geodata.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client import Metric

    from stations.registry import LiveRegistry
    from web.jobs import Jobs

DOUBTFUL_BELOW = 0.5
"""Trust below which a station is as likely gone as there."""


class RegisterMeasures(Collector):
    """The register as the process that is asked has it; counts only, no name and no position."""

    def __init__(self, parts: Mapping[str, Any]) -> None:
        """Take what `create_app` puts together."""
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        """Measure; what cannot be read now is left out, and ``stations_register_up`` is 0."""
        live: LiveRegistry = self._parts["stations.register"]
        snapshot = live.current()
        yield _gauge("register_revision", "Revision that is answered from.", snapshot.revision)
        yield _gauge("register_stations", "Stations in it.", len(snapshot.stations))
        yield _gauge("register_stations_active", "Of them in use.", snapshot.active.size)
        trust = snapshot.trust(self._parts["stations.clock"]())[snapshot.active]
        if trust.size:
            yield _gauge("trust_mean", "Mean trust of the stations in use.", trust.mean())
        doubtful = int((trust < DOUBTFUL_BELOW).sum())
        yield _gauge("trust_doubtful", f"Stations with trust below {DOUBTFUL_BELOW}.", doubtful)
        yield from self._stored(live, snapshot.revision)
        yield from self._jobs()

    def _stored(self, live: LiveRegistry, answered_from: int) -> Iterator[Metric]:
        up = live.error is None
        try:
            behind = live.store.revision() - answered_from
            heard = live.store.evidence_number()
        except ProjectError:
            up = False
        else:
            yield _gauge("register_behind", "Revisions recorded that are not in it.", behind)
            yield _gauge("evidence", "Reports, visits and other evidence recorded.", heard)
        yield _gauge("register_up", "Whether the register's store can be read.", int(up))

    def _jobs(self) -> Iterator[Metric]:
        jobs: Jobs = self._parts["stations.jobs"]
        told = GaugeMetricFamily("stations_jobs", "Jobs kept, by state.", labels=["state"])
        try:
            counts = jobs.counts()
        except ProjectError:
            return
        for state, count in counts.items():
            told.add_metric([state], count)
        yield told


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"stations_{name}", text, float(value))
