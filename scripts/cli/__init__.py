"""The ``stations`` command: words in, answers out; every rule it applies lives in the packages."""

from __future__ import annotations

import sys

import click

from geodata.errors import ProjectError
from scripts.cli.ask import nearest
from scripts.cli.audit import audit
from scripts.cli.bulletin import bulletin
from scripts.cli.cover import coverage
from scripts.cli.findings import findings
from scripts.cli.history import verify
from scripts.cli.output import fail
from scripts.cli.planning import site
from scripts.cli.register import export, import_
from scripts.cli.roads import roads_group
from scripts.cli.rounds import rounds
from scripts.cli.serving import demo, serve
from scripts.cli.signing import coverage_audit, signed
from scripts.cli.users import user
from scripts.cli.visits import visits


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def stations() -> None:
    """Tells where outdoor workers can rest (工会驿站), and where they cannot yet.

    The command line is the operator's: it sees every layer, restricted ones too.
    """


_COMMANDS = (
    *(import_, nearest, coverage, site, audit, findings, bulletin, rounds, visits, verify),
    *(export, user, roads_group, serve, demo),
)
for command in _COMMANDS:
    stations.add_command(command)
for command in (coverage_audit, signed):
    audit.add_command(command)


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
