"""`trading`: one command line; listing the commands imports none of their modules."""

from __future__ import annotations

import ast
import gc
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from govcore.errors import Problem

COLLECT_AFTER = 50_000
"""New objects between two searches for garbage: at Python's 700, a quarter of a start goes into searching modules."""


class _Commands(click.Group):
    """Commands come from the entry points of all installed packages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(point.name for point in entry_points(group="govcore.commands"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for point in entry_points(group="govcore.commands", name=cmd_name):
            command: click.Command = point.load()
            return command
        return None

    def invoke(self, ctx: click.Context) -> Any:
        """A refusal is a sentence with its code, never a traceback."""
        gc.set_threshold(COLLECT_AFTER)
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(
                f"{problem.text.format_map(problem.data)} [{problem.code}]"
            ) from problem

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        points = sorted(entry_points(group="govcore.commands"), key=lambda point: point.name)
        with formatter.section("Commands"):
            formatter.write_dl([(point.name, _summary(point)) for point in points])


def _summary(point: EntryPoint) -> str:
    """The first line of a command's docstring, read from the source: an import would take a second."""
    spec = find_spec(point.module)
    if spec is None or spec.origin is None:
        return ""
    for node in ast.parse(Path(spec.origin).read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name == point.attr:
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""


@click.command(cls=_Commands)
@click.version_option(package_name="public-resource-trading", prog_name="trading")
def main() -> None:
    """Public-resource trading: sealed bids, timed openings, results that anybody can check."""


if __name__ == "__main__":
    main()
