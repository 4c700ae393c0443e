"""The ``stations`` command: words in, answers out; every rule it applies lives in the packages."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import NoReturn, override

import click

from geodata.errors import ProjectError

COMMANDS = {
    "import": ("register:import_", "Read a file into the register: stations, or a demand layer."),
    "nearest": ("ask:nearest", "Find the stations to go to from a point."),
    "coverage": (
        "cover:coverage",
        "Tell who has a station within reach, and who has none.",
    ),
    "site": ("planning:site", "Plan what to build and change, within a budget."),
    "audit": ("audit:audit", "Tell what is wrong with the register, from the desk."),
    "findings": ("findings:findings", "List what was found wrong, the gravest first; mend it."),
    "bulletin": ("bulletin:bulletin", "Tell what was checked, found and mended in a period."),
    "rounds": ("rounds:rounds", "Plan a day's round of visits."),
    "visits": ("visits:visits", "List visits; make a form, record a filled one."),
    "verify": ("history:verify", "Tell whether the history is what was recorded."),
    "history": ("changes:history_", "Tell what happened to a station, or to all."),
    "undo": ("changes:undo", "Take back what a revision changed."),
    "activities": ("activities:activities", "List activities at stations; plan one, call one off."),
    "export": ("register:export", "Write the stations or a layer to a file, of any day."),
    "copy": ("copying:copy_", "Copy a register into another database, with its history."),
    "backup": ("copying:backup_", "Write the whole register into a file, while it is in use."),
    "restore": ("copying:restore", "Put a backup into a database that holds nothing yet."),
    "upgrade": ("copying:upgrade", "Bring the register's tables to this program's schema."),
    "user": ("users:user", "Make and change accounts."),
    "roads": ("roads:roads_group", "Build a road network, and look at it: minutes by road."),
    "doctor": ("doctor:doctor", "Look an installation over: what is wrong, how to mend it."),
    "serve": ("serving:serve", "Serve the map and the API."),
    "demo": ("serving:demo", "Make the synthetic Yunnan, and serve its map."),
}
"""Command → its module here with its name there, and what it does in a line."""


class Commands(click.Group):
    """The commands by name; what one needs is imported when it is asked for (seconds, for all)."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        gc.disable()  # nothing that an import makes is garbage
        command: click.Command = getattr(import_module(f"scripts.cli.{module}"), name)
        gc.enable()
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def stations() -> None:
    """Tells where outdoor workers can rest (工会驿站), and where they cannot yet.

    The command line is the operator's: it sees every layer, restricted ones too.
    """


def fail(message: str) -> NoReturn:
    """Print one line on standard error and leave with exit code 2."""
    click.echo(f"Error: {' '.join(message.split())}", err=True)
    sys.exit(2)


def main() -> None:
    """Run the command; what was wrong with the input is one line and exit code 2."""
    try:
        stations()
    except ProjectError as error:
        fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        fail(f"{error.filename or 'the system'}: {error.strerror or error}")
