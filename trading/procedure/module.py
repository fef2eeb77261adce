"""Procedures, as a module."""

from pathlib import Path

from govcore.module import Module
from trading.procedure.rules import rule_sets

rule_sets()
"""No process starts with a rule set that does not hold together."""

MODULE = Module(
    name="procedure",
    prefixes=("procedure",),
    requires=("calendar",),
    locale=[Path(__file__).parent / "locale"],
)
