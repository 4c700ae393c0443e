"""Evidence about stations, and how sure it makes us; README.md has the formula and an example."""

from __future__ import annotations

from stations.trust._acts import heirs_in, inherited, merger, related, withdrawal
from stations.trust._evidence import (
    ACTS,
    DESK,
    EVIDENCE_COLUMNS,
    KINDS,
    OUTCOMES,
    OWN_KEYS,
    VISITED,
    Evidence,
    Outcome,
    checked,
    evidence_frame,
)
from stations.trust._ledger import Ledger
from stations.trust._model import TrustModel, trust_model
from stations.trust._priors import Priors, host_class, priors
from stations.trust._standing import Standing, Standings, ceiling, probabilities, standings

__all__ = [
    "ACTS",
    "DESK",
    "EVIDENCE_COLUMNS",
    "KINDS",
    "OUTCOMES",
    "OWN_KEYS",
    "VISITED",
    "Evidence",
    "Ledger",
    "Outcome",
    "Priors",
    "Standing",
    "Standings",
    "TrustModel",
    "ceiling",
    "checked",
    "evidence_frame",
    "heirs_in",
    "host_class",
    "inherited",
    "merger",
    "priors",
    "probabilities",
    "related",
    "standings",
    "trust_model",
    "withdrawal",
]
