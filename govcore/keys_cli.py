"""`trading keys …`: look at the key-encryption keys, and move to a new one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from govcore.platform import Platform


@click.group()
def keys() -> None:
    """Look at the key-encryption keys, and move every secret to a new one."""


@keys.command()
def status() -> None:
    """Say which key wraps, and how many secrets still name each of the others."""
    from govcore import rotation

    with _platform() as platform:
        found = rotation.status(platform.db, platform.registry.wrapped)
        names = dict.fromkeys(platform.wrapper.names()) | {n: None for c in found.values() for n in c}
        for name in names:
            counts = {table: counts[name] for table, counts in found.items() if counts[name]}
            shown = ", ".join(f"{table} {count}" for table, count in sorted(counts.items()))
            wraps = " (wraps)" if name == platform.wrapper.newest() else ""
            missing = "" if name in platform.wrapper.names() else " (NOT AT HAND)"
            click.echo(f"{name}{wraps}{missing}: {shown or 'no secret names it'}")


@keys.command()
def rotate() -> None:
    """Make the new key that two administrators ordered and re-wrap every secret with it, while the site runs.

    A run that was broken off is finished by the next one.
    """
    from govcore.upkeep import service

    with _platform() as platform:
        moved = service.rotate(platform.db, platform.registry, platform.wrapper)
        click.echo(f"{moved} secrets are now wrapped with {platform.wrapper.newest()}; back it up now.")


@contextmanager
def _platform() -> Iterator[Platform]:
    from govcore.commands import in_one_sentence
    from govcore.platform import Platform
    from govcore.settings import Settings

    with in_one_sentence():
        platform = Platform.open(Settings.from_environ(os.environ))
        try:
            yield platform
        finally:
            platform.db.dispose()
            platform.wrapper.close()
