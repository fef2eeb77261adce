"""Procedures, as a module."""

from pathlib import Path

from govcore.module import Module, NavItem
from govcore.settings import Settings
from trading.procedure.api import ROUTES
from trading.procedure.pages import PAGES
from trading.procedure.rules import add_folder


def _configure(settings: Settings) -> None:
    """No process starts with a rule set that does not hold together."""
    add_folder(settings.rule_sets)


MODULE = Module(
    name="procedure",
    prefixes=("procedure",),
    requires=("calendar",),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/rules", text="Rule sets", icon="list-check", permission="public")],
    configure=_configure,
    templates=Path(__file__).parent / "templates",
    locale=[Path(__file__).parent / "locale"],
)
