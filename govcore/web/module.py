"""The public home and health, as a module."""

from govcore.module import Module
from govcore.web.pages import PAGES

MODULE = Module(name="web", prefixes=("web",), requires=("audit", "notify"), routes=PAGES)
