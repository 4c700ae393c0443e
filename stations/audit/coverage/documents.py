"""The document of a coverage audit, and its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from geodata.errors import MissingError
from stations.audit.coverage.answering import answer, changes, figures, revision_told

if TYPE_CHECKING:
    from datetime import datetime

    from stations.audit.coverage.answering import Ways
    from stations.audit.coverage.questions import Question
    from stations.coverage import Truth
    from stations.store import Signature, Store

ABOUT = "coverage"
REVISIONS = 40
"""How many revisions behind the figures of one date are told, the newest."""


def audited(store: Store, question: Question, ways: Ways) -> dict[str, Any]:
    """Return the whole audit as JSON has it, from the register as it was."""
    found = answer(store, question, question.then, ways)
    first = 0 if question.since is None else question.since.revision
    behind = [each for each in store.revisions() if first < each.number <= question.then.revision]
    shown = behind if question.since is not None else behind[-REVISIONS:]
    layer = found.layer
    made = {
        "question": question.told(),
        "layer": {"name": layer.name, "zh": layer.zh, "en": layer.en},
        "restricted": layer.restricted,
        "synthetic": found.synthetic,
        "weighed": found.weighed,
        "figures": computed(store, question, ways, found=found),
        "method": found.method(),
        "revisions": [revision_told(each) for each in shown],
        "revisions_in_all": len(behind),
        "state": {
            "revision": question.then.revision,
            "evidence": question.evidence,
            "steps": store.steps_number(),
            "head": store.head(),
        },
    }
    plain: dict[str, Any] = orjson.loads(orjson.dumps(made))
    return plain


def computed(
    store: Store, question: Question, ways: Ways, *, found: Truth | None = None
) -> dict[str, Any]:
    """Return only the figures."""
    last = found or answer(store, question, question.then, ways)
    told = {**figures(last), "changes": changes(store, question, ways, last)}
    if question.since is not None:
        told["before"] = figures(answer(store, question, question.since, ways))
    plain: dict[str, Any] = orjson.loads(orjson.dumps(told))
    return plain


def sign(store: Store, document: dict[str, Any], *, who: str, at: datetime) -> Signature:
    """Record an audit as signed off by ``who``; the chain has it from then on."""
    return store.sign(ABOUT, document, who=who, at=at)


def signature(store: Store, number: int) -> Signature:
    """Return one signature; `MissingError` for a number that is not there."""
    known = {each.number: each for each in store.signatures()}
    if number not in known:
        raise MissingError(f"no signature {number}; there are {len(known)}")
    return known[number]
