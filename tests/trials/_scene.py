"""A fault while people ask and write: what they met, what was said, how soon it was over."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.trials._acts import GOOD, LOST, Acts, settle
from tests.trials._server import CHECKOUT, COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tests.trials._server import Server

BEFORE_S, DURING_S, AFTER_S = 2.0, 6.0, 1.0
PATIENCE_S = 15.0
"""After so long a rider goes away."""
BOUND_S = 4.0
"""No rider waits longer, whatever is broken."""
BACK_S = 40.0
"""A fault that was lifted and has not ended by then stays."""
ASKED = {
    "nearest": "/api/v1/nearest?lon=102.7&lat=25.0&limit=3&open=arrival&needs=toilet",
    "register": "/api/v1/register",
    "station": "/api/v1/stations/B0000007",
    "page": "/",
}
PATHS = re.compile(r"(?:^|[\s'\"(:])/(?:tmp|dev|proc|home|var|usr|work|root)\b")
TAKEN = GOOD | {409}
"""How a change is answered that got as far as the register; 409: others were quicker."""
SENTENCES = 2
"""Most sentences of an error: what is wrong, and what to do."""


class Ride(NamedTuple):
    """One answer to a rider."""

    at: float
    kind: str
    status: int
    """0: cut off, or nothing within `PATIENCE_S`."""
    seconds: float
    estimated: bool | None


@dataclass
class Told:
    """What a scene came to."""

    name: str
    riders: str = ""
    writers: str = ""
    watchers: str = ""
    back_s: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass
class Rules:
    """What may be met during a fault."""

    refused: bool | None = True
    """Whether changes must be refused meanwhile; None: some may."""
    ready: bool = False
    """Whether the service is ready nonetheless."""
    cut_off: bool = False
    """Whether a connection may be cut off, as where a process ends."""
    estimates: bool | None = None
    """Whether riders must get estimates; None: as before."""
    statuses: Collection[int] = (503, 507)
    """What changes are refused with."""
    bound_s: float = BOUND_S
    kept: bool = True
    """Whether all that was acknowledged must be there at the end."""


class Scene:
    """People who ask and write all the time while something is broken and mended."""

    def __init__(
        self, server: Server, writes: Collection[str], asked: dict[str, str] = ASKED
    ) -> None:
        self.server, self.acts = server, Acts(server)
        self._writes, self._asked = writes, asked
        self._rides: list[Ride] = []
        self._over, self._numbers = threading.Event(), iter(range(1, 10**9))

    def play(
        self, name: str, hurt: Callable[[], object], heal: Callable[[], object],
        rules: Rules | None = None, during_s: float = DURING_S,
    ) -> Told:  # fmt: skip
        """Break, look, mend, wait; return what came of it."""
        told, rules = Told(name), rules or Rules()
        begun = [self._rider, self._rider, *(self._writer(each) for each in self._writes)]
        with ThreadPoolExecutor(len(begun)) as people:
            running = [people.submit(each) for each in begun]
            try:
                time.sleep(BEFORE_S)
                hurt()
                from_, asked = time.monotonic(), len(self.acts.answers)
                time.sleep(during_s)
                told.watchers = self._watched(rules, told.faults)
                until = time.monotonic()
                heal()
                told.back_s = self._await(told.faults)
                time.sleep(AFTER_S)
            finally:
                self._over.set()
            for one in running:
                one.result()
        told.riders = self._riders(from_, until, rules, told.faults)
        refused = [each for each in self.acts.answers[asked:] if from_ < each.at <= until]
        told.writers = _writers(refused, rules, told.faults)
        with suppress(*LOST):
            self.acts.plan(next(self._numbers))
        lost = settle(self.acts)
        told.faults += lost if rules.kept else [each for each in lost if " is lost" not in each]
        return told

    def _rider(self) -> None:
        while not self._over.wait(0.03):
            for kind, path in self._asked.items():
                began = time.monotonic()
                status, estimated = ask(self.server.port, path)
                now = time.monotonic()
                self._rides.append(Ride(now, kind, status, now - began, estimated))

    def _writer(self, kind: str) -> Callable[[], None]:
        act = getattr(self.acts, kind)

        def write() -> None:
            while not self._over.wait(0.25):
                act(next(self._numbers))

        return write

    def _await(self, faults: list[str]) -> float:
        """Wait until it is ready and every kind of change is taken again; return the seconds."""
        lifted, waiting = time.monotonic(), set(self._writes)
        while time.monotonic() - lifted < BACK_S:
            good = {
                each.kind for each in self.acts.answers if each.at > lifted and each.status in TAKEN
            }
            waiting -= good
            with suppress(*LOST):
                if not waiting and self.server.ask("GET", "/readyz")[0] == 200:
                    return time.monotonic() - lifted
            time.sleep(0.1)
        _, said = self.server.ask("GET", "/readyz")
        faults.append(f"not back after {BACK_S:.0f} s: {sorted(waiting)} {said}")
        return BACK_S

    def _watched(self, rules: Rules, faults: list[str]) -> str:
        """Ask those who watch; return what they say in a line."""
        alive = self._said("/healthz")
        ready, wrong = self._ready()
        if alive[0] != 200 or (ready == 200) != rules.ready:
            faults.append(f"/healthz {alive}, /readyz {ready} {wrong}")
        doctor = _doctor(self.server.environment)
        up = re.search(rb"\nstations_register_up (\S+)", metrics(self.server.port))
        return (
            f"healthz {alive[1].get('status')}; readyz {ready}: {'; '.join(wrong) or 'ready'}; "
            f"register_up {up and float(up[1])}; doctor: {'; '.join(doctor) or 'good'}"
        )

    def _said(self, path: str) -> tuple[int, Any]:
        with suppress(*LOST):
            return self.server.ask("GET", path)
        return 0, {}

    def _ready(self) -> tuple[int, list[str]]:
        """Ask every worker, as far as chance goes."""
        found = [self._said("/readyz") for _ in range(4)]
        worst = max(found, key=lambda each: each[0])
        checks = worst[1].get("checks", ())
        return worst[0], [f"{each['name']}: {each['problem']}" for each in checks if not each["ok"]]

    def _riders(self, from_: float, until: float, rules: Rules, faults: list[str]) -> str:
        bad = Counter(
            f"{each.kind} {each.status or 'cut off'}"
            for each in self._rides
            if each.status != 200 and not (rules.cut_off and not each.status)
        )
        faults += [f"riders: {count} × {what}" for what, count in sorted(bad.items())]
        during = [each for each in self._rides if from_ < each.at - each.seconds < until]
        slowest = max((each.seconds for each in self._rides), default=0.0)
        if slowest > rules.bound_s:
            faults.append(f"riders: one waited {slowest:.1f} s")
        good = sum(each.status == 200 for each in during)
        kinds = {each.estimated for each in during if each.estimated is not None}
        settled = {each.estimated for each in during[len(during) // 2 :]} - {None}
        if rules.estimates is not None and settled - {rules.estimates}:
            faults.append(f"riders: minutes are estimates: {kinds}")
        cut = len(during) - good
        return f"{good} answers, {cut} not; slowest {slowest:.2f} s" + (
            "; estimates, and said so" if kinds == {True} else ""
        )


def _writers(answers: list[Any], rules: Rules, faults: list[str]) -> str:
    refused = [each for each in answers if each.status not in TAKEN]
    kinds = Counter(f"{each.kind} {each.status or 'cut off'}" for each in refused)
    sentences = {str((each.told or {}).get("detail")) for each in refused if each.status}
    odd = [each for each in refused if each.status not in rules.statuses]
    faults += [
        f"{each.kind} was answered {each.status}: {str(each.told)[:200]}"
        for each in odd
        if each.status or not rules.cut_off
    ]
    faults += [f"said: {each}" for each in sentences if PATHS.search(each) or not _clear(each)]
    if rules.refused and not refused:
        faults.append("no change was refused")
    if rules.refused is False and any(each.status for each in refused):
        faults.append("changes were refused")
    taken = sum(each.status in GOOD for each in answers)
    told = ", ".join(f"{count} × {what}" for what, count in sorted(kinds.items()))
    return f"{taken} taken; refused: {told or 'none'}; {' | '.join(sorted(sentences))}"


def _clear(sentence: str) -> bool:
    return 0 < len(re.findall(r"[.;](?:\s|$)|$", sentence.strip())) <= SENTENCES + 1


def ask(port: int, path: str) -> tuple[int, bool | None]:
    """Ask as a rider; return the status, and whether minutes in the answer are estimates."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        link.request("GET", path)
        answer = link.getresponse()
        text = answer.read()
    except LOST:
        return 0, None
    finally:
        link.close()
    found = json.loads(text).get("stations") if "nearest" in path and answer.status == 200 else None
    return answer.status, any(each["estimated"] for each in found) if found else None


def metrics(port: int) -> bytes:
    """Return what Prometheus is told."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    with suppress(*LOST):
        link.request("GET", "/metrics")
        return link.getresponse().read()
    return b""


def _doctor(environment: dict[str, str]) -> list[str]:
    """Return what the doctor finds wrong."""
    run = subprocess.run(
        [COMMAND, "doctor", "--json"], cwd=CHECKOUT, env={**environment, "NO_COLOR": "1"},
        capture_output=True, check=False, text=True, timeout=60,
    )  # fmt: skip
    try:
        found = json.loads(run.stdout)["found"]
    except ValueError:
        return [f"doctor failed: {run.stderr[-300:]}"]
    said = [f"{each['check']}: {each['said']}" for each in found if each["level"] == "wrong"]
    return [re.sub(r"/tmp/\S*?/", "…/", each)[:160] for each in said]
