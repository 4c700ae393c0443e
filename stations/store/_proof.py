"""What is signed off by name, and whether all history is what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stations.store._chain import GENESIS, Verdict, extend, links_with, verify
from stations.store._opened import Opened
from stations.store._signatures import add_signature, head_of, read_signatures
from stations.store._versions import FINDINGS_SINCE, VISITS_SINCE, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from stations.store._signatures import Signature


class Proof(Opened):
    """Signatures and the hash chain."""

    def sign(self, about: str, document: Mapping[str, Any], *, who: str, at: datetime) -> Signature:
        """Record a document, which JSON can hold, as signed off by ``who`` at ``at``, aware.

        No signature is before the newest one (`UsageError`; of a few minutes see `commit`).
        """
        with self.transaction(writes=True) as connection:
            made = add_signature(connection, about, document, who=who, at=at)
            extend(connection, "signature")
            return made

    def signatures(self) -> list[Signature]:
        """Return every signature, oldest first."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < VISITS_SINCE:
                return []
            return read_signatures(connection)

    def head(self) -> str:
        """Return the chain's newest hash as recorded, unverified; `verify` computes all anew."""
        with self.transaction(writes=False) as connection:
            return head_of(connection) if version_of(connection) >= FINDINGS_SINCE else GENESIS

    def verify(self) -> Verdict:
        """Compute the hash chain over all history anew, and compare.

        A register of a schema without a chain has no links, and nothing to be broken.
        """
        with self.transaction(writes=False) as connection:
            if version_of(connection) < FINDINGS_SINCE:
                return Verdict(0, GENESIS, None)
            return verify(connection)

    def link_with(self, head: str) -> int | None:
        """Return the number of the chain's link whose hash begins so; None: there is none."""
        with self.transaction(writes=False) as connection:
            if version_of(connection) < FINDINGS_SINCE:
                return None
            return links_with(connection, head)
