"""The ``stations`` command: words in, answers out; every rule it applies lives in the packages."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import NoReturn, override

import click

from geodata.errors import ProjectError

COMMANDS = {
    "import": "register:import_",
    "nearest": "ask:nearest",
    "coverage": "cover:coverage",
    "site": "planning:site",
    "audit": "audit:audit",
    "findings": "findings:findings",
    "bulletin": "bulletin:bulletin",
    "rounds": "rounds:rounds",
    "visits": "visits:visits",
    "verify": "history:verify",
    "history": "changes:history_",
    "undo": "changes:undo",
    "activities": "activities:activities",
    "export": "register:export",
    "copy": "copying:copy_",
    "backup": "copying:backup_",
    "restore": "copying:restore",
    "upgrade": "copying:upgrade",
    "user": "users:user",
    "roads": "roads:roads_group",
    "doctor": "doctor:doctor",
    "serve": "serving:serve",
    "demo": "serving:demo",
}
"""Command → its module here, and its name there."""


class Commands(click.Group):
    """The commands by name; what one needs is imported when it is asked for (seconds, for all)."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"scripts.cli.{module}"), name)
        return command


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
