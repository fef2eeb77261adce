"""`trading`: one command line; listing the commands imports their modules but no heavy library."""

from __future__ import annotations

from importlib.metadata import entry_points

import click


class _Commands(click.Group):
    """Commands come from the entry points of all installed packages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(point.name for point in entry_points(group="govcore.commands"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for point in entry_points(group="govcore.commands", name=cmd_name):
            command: click.Command = point.load()
            return command
        return None


@click.command(cls=_Commands)
@click.version_option(package_name="public-resource-trading", prog_name="trading")
def main() -> None:
    """Public-resource trading: sealed bids, timed openings, results that anybody can check."""


if __name__ == "__main__":
    main()
