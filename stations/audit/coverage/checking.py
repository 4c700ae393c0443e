"""Whether what was signed is still what the register says of then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stations.audit.coverage.documents import computed
from stations.audit.coverage.questions import Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stations.audit.coverage.answering import Ways
    from stations.store import Signature, Store, Verdict


@dataclass(frozen=True)
class Check:
    """What a signed audit looks like today."""

    figures: bool
    """Whether the figures computed anew are the same, every one."""
    differences: tuple[dict[str, Any], ...]
    """``where`` in the figures, ``signed`` and ``now``."""
    history: Verdict
    """Whether the history is what was recorded, the signature with it."""
    noted: bool
    """Whether the chain has the hash the document names."""

    @property
    def whole(self) -> bool:
        """Nothing is amiss."""
        return self.figures and self.noted and self.history.broken is None


def check(store: Store, signed: Signature, ways: Ways) -> Check:
    """Compute the figures anew from the register as of then, and the chain over all history."""
    document = signed.document
    now = computed(store, Question.read(document["question"]), ways)
    found = tuple(_differences("", document["figures"], now))
    head = document["state"]["head"]
    noted = store.link_with(head) is not None or not head.strip("0")
    return Check(not found, found, store.verify(), noted)


def _differences(where: str, signed: Any, now: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Walk both; tell every leaf that is not the same."""
    if isinstance(signed, dict) and isinstance(now, dict):
        for key in sorted(signed.keys() | now.keys()):
            yield from _differences(f"{where}.{key}".strip("."), signed.get(key), now.get(key))
    elif isinstance(signed, list) and isinstance(now, list) and len(signed) == len(now):
        for place, (one, other) in enumerate(zip(signed, now, strict=True)):
            yield from _differences(f"{where}[{place}]", one, other)
    elif signed != now:
        yield {"where": where, "signed": signed, "now": now}
