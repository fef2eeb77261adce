"""Look at what may run short, and tell the system administrators before it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509

from govcore import clock
from govcore.audit.entries import parse_time
from govcore.audit.queries import of_type
from govcore.certificates.queries import authority_der
from govcore.db import Tx
from govcore.identity.policy import Role
from govcore.identity.queries import users_with_role
from govcore.notify.service import tell
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.upkeep.backups import MADE
from govcore.upkeep.capacity import (
    Level,
    Measured,
    of_backup,
    of_connections,
    of_disk,
    of_site,
    of_store,
    time_left,
)

HREF = "/upkeep/capacity"
TEXTS = {
    Level.SHORT: "{what}: little is left. See to it before the next deadline.",
    Level.NEARLY_OVER: "{what}: almost nothing is left. See to it now, or bids and openings will fail.",
}


def measure(tx: Tx, platform: Platform, *, at: datetime) -> list[Measured]:
    """Everything that may run short, with how much is left."""
    authority = x509.load_der_x509_certificate(authority_der(tx))
    return [
        *_disks(platform.settings),
        *of_connections(tx),
        Measured("Certificate of the registration CA", time_left(authority.not_valid_after_utc, at=at)),
        *_outside(platform, at=at),
        *_backup(tx, platform.settings, at=at),
    ]


def warn(tx: Tx, platform: Platform, *, at: datetime) -> None:
    """Tell the system administrators of what is short, once a day and step."""
    day = at.astimezone(clock.BEIJING).date()
    people = users_with_role(tx, Role.SYSTEM_ADMIN)
    for one in measure(tx, platform, at=at):
        if one.level in TEXTS:
            about = f"capacity/{one.what}/{one.level}/{day}"
            tell(tx, people, about=about, text=TEXTS[one.level], data={"what": one.what}, href=HREF, at=at)


def _outside(platform: Platform, *, at: datetime) -> Iterator[Measured]:
    """What stands on other machines: a store in the cloud, and the proxy with its certificate."""
    settings = platform.settings
    if not settings.store_url.startswith("file://"):
        yield Measured("Object store in the cloud", of_store(platform.store))
    if settings.site_url.startswith("https://"):
        yield Measured("Certificate of the site", of_site(settings.site_url, at=at))


def _backup(tx: Tx, settings: Settings, *, at: datetime) -> Iterator[Measured]:
    """The demo keeps nothing that anybody would want back."""
    if not settings.demo:
        made_at = max((parse_time(str(one["at"])) for one in of_type(tx, MADE)), default=None)
        yield Measured("Time until the next backup", of_backup(made_at, at=at))


def _disks(settings: Settings) -> list[Measured]:
    places = {"Disk of the data folder": settings.data}
    if settings.store_url.startswith("file://"):
        places["Disk of the object store"] = Path(settings.store_url.removeprefix("file://"))
    return [Measured(what, of_disk(folder)) for what, folder in places.items() if folder.exists()]
