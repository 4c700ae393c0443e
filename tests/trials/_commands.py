"""The command line: words of every command, read as click reads them; nothing is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from hypothesis import strategies as st

from scripts.cli import COMMANDS, stations
from tests.trials._inputs import NASTY, texts
from tests.trials._watch import Target

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

VALUES = (
    "102.7,25", "1km", "10min", "parks", "toilet", "5", "0.5", "2026-11-24", "2026-11-24T02:00",
    "none",
    "walk", "a.csv", "a.json", "S001", "5301", "host:某 shut", "night", "sqlite:///x.db", "-",
    "--", "planner",
)  # fmt: skip


def _words() -> list[str]:
    """Return every command's name and option."""
    found: set[str] = set()
    ahead: list[click.Command] = [stations]
    while ahead:
        command = ahead.pop()
        for parameter in command.params:
            found.update(parameter.opts)
        if isinstance(command, click.Group):
            context = click.Context(command)
            names = command.list_commands(context)
            found.update(names)
            ahead.extend(filter(None, (command.get_command(context, name) for name in names)))
    return sorted(found)


def read(words: list[str]) -> None:
    """Read the words as far as a command would be run."""
    with click.Context(stations) as parent:
        command: click.Command = stations
        rest = [word for word in words if word not in {"--help", "-h"}]
        while True:
            context = command.make_context("stations", list(rest), parent=parent)
            if not isinstance(command, click.Group):
                return
            rest = [*context._protected_args, *context.args]
            if not rest:
                return
            _, found, rest = command.resolve_command(context, rest)
            if found is None:
                return
            command = found


def _lines() -> SearchStrategy[list[str]]:
    word = st.sampled_from(_words()) | st.sampled_from((*VALUES, *NASTY)) | texts(VALUES)
    plain = st.lists(word.filter(lambda text: "\0" not in text), max_size=8)
    commands = st.sampled_from(sorted(COMMANDS))
    return st.tuples(commands, plain).map(lambda pair: [pair[0], *pair[1]])


def targets() -> list[Target]:
    """Return the command line."""
    return [Target("command line", st.deferred(_lines), read, 3)]
