"""Which few of many things make something impossible: none of them can be spared (Junker 2004)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from stations.siting.clock import Clock


def explained[T](things: list[T], impossible: Callable[[list[T]], bool], clock: Clock) -> list[T]:
    """Return some of the things, impossible together, and possible without any one of them.

    Those late in the list are kept rather than early ones. ``impossible`` must stay true when
    things are added. Out of time: what is not known to be spared is kept.
    """

    def needed(kept: list[T], more: list[T], *, fresh: bool) -> list[T]:
        if clock.over():
            return more
        if fresh and impossible(kept):
            return []
        if len(more) == 1:
            return more
        half = len(more) // 2
        first, second = more[:half], more[half:]
        late = needed(kept + first, second, fresh=True)
        return needed(kept + late, first, fresh=bool(late)) + late

    return needed([], things, fresh=True) if things else []
