"""What runs short on the machines of the platform, measured; and what makes it an alarm.

Only steps are told, never bytes or numbers: while bids come in, a disk that fills would count them.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from obstore.exceptions import BaseError
from sqlalchemy import text

from govcore.db import Tx
from govcore.storage import Store
from govcore.upkeep.policy import BACKUP_DUE, BACKUP_SHORT

DISK_SHORT, DISK_NEARLY_FULL = 0.15, 0.05
"""Parts of a file system, in bytes or in files, that are still free."""

CONNECTIONS_SHORT, CONNECTIONS_NEARLY_FULL = 0.30, 0.10
"""Parts of the connections PostgreSQL admits that nobody holds."""

CERTIFICATE_SHORT, CERTIFICATE_NEARLY_OVER = timedelta(days=180), timedelta(days=30)


SITE_SHORT, SITE_NEARLY_OVER = timedelta(days=21), timedelta(days=7)
"""The proxy's certificate is renewed often, mostly by a program a month before its end."""

HELLO = 3.0
"""Seconds for the site to show its certificate."""


class Level(StrEnum):
    """How much is left."""

    AMPLE = "ample"
    SHORT = "short"
    NEARLY_OVER = "nearly_over"


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing that may run short: a key of the catalogue, and how much of it is left."""

    what: str
    level: Level


def part_left(left: float, *, short: float, nearly_over: float) -> Level:
    """The step for what is left of something, as a part of the whole."""
    if left < nearly_over:
        return Level.NEARLY_OVER
    return Level.SHORT if left < short else Level.AMPLE


def time_left(
    ends_at: datetime,
    *,
    at: datetime,
    short: timedelta = CERTIFICATE_SHORT,
    nearly_over: timedelta = CERTIFICATE_NEARLY_OVER,
) -> Level:
    """The step for something that ends at this time, a certificate unless other limits are given."""
    if ends_at - at < nearly_over:
        return Level.NEARLY_OVER
    return Level.SHORT if ends_at - at < short else Level.AMPLE


def of_backup(made_at: datetime | None, *, at: datetime) -> Level:
    """What is left of the time until the next backup has to be there; nothing where there never was one."""
    if made_at is None:
        return Level.NEARLY_OVER
    return time_left(made_at + BACKUP_DUE, at=at, short=BACKUP_SHORT, nearly_over=timedelta(0))


def of_store(store: Store) -> Level:
    """A store answers, or all that needs it stands still."""
    try:
        store.check()
    except (BaseError, OSError):
        return Level.NEARLY_OVER
    return Level.AMPLE


def of_site(site: str, *, at: datetime) -> Level:
    """What is left of the certificate that people meet at the site's address, from whichever proxy it comes.

    It is read, not trusted: one that is over or of nobody is what people have to be told of.
    """
    parts = urlsplit(site)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), timeout=HELLO) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            shown = x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError):
        return Level.NEARLY_OVER
    return time_left(shown.not_valid_after_utc, at=at, short=SITE_SHORT, nearly_over=SITE_NEARLY_OVER)


def of_disk(folder: Path) -> Level:
    """What is left of the file system that holds this folder, of its bytes or of its files, whichever is less."""
    found = os.statvfs(folder)
    parts = [found.f_bavail / found.f_blocks] if found.f_blocks else []
    parts += [found.f_favail / found.f_files] if found.f_files else []
    return part_left(min(parts, default=1.0), short=DISK_SHORT, nearly_over=DISK_NEARLY_FULL)


def of_connections(tx: Tx) -> Iterator[Measured]:
    """What is left of PostgreSQL's connections, all of its databases together; SQLite has no limit of them."""
    if tx.get_bind().dialect.name != "postgresql":
        return
    query = "SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL"
    used, limit = tx.scalar(text(query)) or 0, int(tx.scalar(text("SHOW max_connections")) or 1)
    left = part_left(1 - used / limit, short=CONNECTIONS_SHORT, nearly_over=CONNECTIONS_NEARLY_FULL)
    yield Measured("Connections to the database", left)
