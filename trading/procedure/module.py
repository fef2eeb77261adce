"""Procedures, as a module."""

from pathlib import Path

from govcore.module import Module, NavItem
from trading.procedure.api import ROUTES
from trading.procedure.pages import PAGES
from trading.procedure.rules import rule_sets

rule_sets()
"""No process starts with a rule set that does not hold together."""

MODULE = Module(
    name="procedure",
    prefixes=("procedure",),
    requires=("calendar",),
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/rules", text="Rule sets", icon="list-check", permission="public")],
    templates=Path(__file__).parent / "templates",
    locale=[Path(__file__).parent / "locale"],
)
