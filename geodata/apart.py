"""Work in a process of its own: for readers in C++ that a damaged file may end (`call`)."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def call[**P, T](work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what ``work`` returns, or raise what it raises.

    It is found by its module and name, and what it is given and gives must pickle. Where its
    process ends before it has answered, `RuntimeError` says how.
    """
    done = subprocess.run(
        [sys.executable, "-P", "-m", __name__],
        input=pickle.dumps((work, args, kwargs)),
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"its reader ended with {done.returncode}")
    answer, error = pickle.loads(done.stdout)  # noqa: S301 - of our own process
    if error is not None:
        raise error
    return answer  # type: ignore[no-any-return]  # what ``work`` gave


def main() -> None:
    """Do what standard input says; write the answer and the error, one of them None."""
    work, args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own process
    told: tuple[Any, Exception | None]
    try:
        told = work(*args, **kwargs), None
    except Exception as error:  # noqa: BLE001 - whoever asked handles it
        told = None, error
    sys.stdout.buffer.write(pickle.dumps(told))


if __name__ == "__main__":
    main()
