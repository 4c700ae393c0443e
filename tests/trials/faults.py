"""A served register under every fault there may be: what people met, what was said, when it ended.

While riders ask and changes go in, something breaks, and is mended a few seconds later. Riders must
be answered all the time; a change is recorded or refused in a sentence, never half; those who watch
are told; and the service must come back by itself. ``NAME ...``: only these. As root, for disks.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from typing import TYPE_CHECKING

from tests.trials import _clocks, _databases, _disks, _networks
from tests.trials._scene import Told

if TYPE_CHECKING:
    from collections.abc import Callable

FAULTS: dict[str, Callable[[], Told]] = {
    each.__name__: each for part in (_disks, _databases, _clocks, _networks) for each in part.FAULTS
}


def play(name: str) -> Told:
    """Play one; what could not be played is a fault."""
    try:
        return FAULTS[name]()
    except Exception as error:  # noqa: BLE001 - the others are played nonetheless
        traceback.print_exc()
        return Told(name, faults=[f"could not be played: {type(error).__name__}"])


def tell(told: Told) -> None:
    """Print what a fault came to."""
    print(f"{told.name}\n  riders: {told.riders}\n  changes: {told.writers}")
    print(f"  told: {told.watchers}\n  back after {told.back_s:.1f} s")
    print("".join(f"  FAULT {each}\n" for each in told.faults), flush=True)


def main() -> None:
    """Play the faults; leave with 1 if anything was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", choices=[*FAULTS, []])
    failed = []
    for name in parser.parse_args().name or FAULTS:
        told = play(name)
        tell(told)
        failed += [name] * bool(told.faults)
    print(f"  {', '.join(failed)}: not as it must be" if failed else "  all as it must be")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
