"""The composition root: settings become a database, a store, keys and a registry of modules."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from govcore.db import Database
from govcore.errors import Problem
from govcore.i18n import Catalogue
from govcore.keys import KeyWrapper, open_wrapper
from govcore.module import Registry, discover
from govcore.scanner import Scanner
from govcore.settings import Settings, SettingsError
from govcore.storage import Store
from govcore.upkeep.history import History
from govcore.vault import Vault


@dataclass(slots=False)
class Platform:
    """Everything a handler, a task or a command works with; one per process."""

    settings: Settings
    db: Database
    store: Store
    registry: Registry
    wrapper: KeyWrapper
    catalogue: Catalogue = field(repr=False)
    history: History = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.history = History(self.db, self.store, self.settings.operators)
        self.db.before_writing = self.history.require

    @classmethod
    def open(cls, settings: Settings) -> Platform:
        """Raise `SettingsError` or `ModuleError`, in one sentence, when the parts do not fit."""
        registry = discover(settings.modules)
        _configure(registry, settings)
        info = {
            "registry": registry,
            "clock_offset": settings.clock_offset,
            "clock_file": settings.clock_file,
            "settings": settings,
        }
        return cls(
            settings=settings,
            db=Database(settings.database_url, info=info),
            store=Store(settings.store_url),
            registry=registry,
            wrapper=open_wrapper(settings),
            catalogue=_catalogue(registry),
        )

    @cached_property
    def keys(self) -> Vault:
        """The platform's own signing keys, unwrapped once per process."""
        with self.db.read() as tx:
            return Vault.load(tx, self.wrapper)

    @cached_property
    def scanner(self) -> Scanner | None:
        """The scanner for harmful files that the site names, if any."""
        return Scanner(self.settings.scanner_url) if self.settings.scanner_url else None


def _configure(registry: Registry, settings: Settings) -> None:
    for module in registry.modules:
        if module.configure is not None:
            try:
                module.configure(settings)
            except Problem as problem:
                raise SettingsError(str(problem)) from problem


def _catalogue(registry: Registry) -> Catalogue:
    """The modules' sentences, and what they call their permissions: refusals name those in the reader's words."""
    permissions = {one.en: one.zh for one in registry.permissions.values()}
    return Catalogue({**permissions, **Catalogue.load(_locales(registry)).chinese})


def _locales(registry: Registry) -> list[Path]:
    core = Path(__file__).parent
    own = [core / "locale", *sorted(core.glob("*/locale"))]
    return own + [folder for module in registry.modules for folder in module.locale]


def current() -> Platform:
    """The platform of this process, opened at first use: a forked worker gets its own connections."""
    return _opened_in(os.getpid())


@lru_cache(maxsize=1)
def _opened_in(_pid: int) -> Platform:
    return Platform.open(Settings.from_environ(os.environ))
