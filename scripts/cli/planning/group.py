"""The command's group: a layer to plan for, or one of its other commands."""

from __future__ import annotations

import click


class PlanGroup(click.Group):
    """A group whose first word, if it is none of its commands, is a layer to plan for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command ``plan`` before a layer."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["plan", *args]
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show how to plan."""
        return self.commands["plan"].collect_usage_pieces(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of planning, then the other commands."""
        click.Command.format_options(self.commands["plan"], ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group("site", cls=PlanGroup)
def site() -> None:
    """Plan what to build and change so that LAYER is better served, with proof of how good it is.

    Give a budget, a number of sites, --cover-all, or some of them. A wish that cannot be met is
    answered with what stands in the way (status infeasible, exit code 0). Ctrl-C leaves nothing.

    Example: stations site parks --within 10min --mode ebike --needs toilet,water --budget 8865000
    -o plan.xlsx -o plan.json

    stations site border_posts --within 5min --cover-all --budget 300000 --json
    """
