"""Sweeps of certificates: each may come late, twice or not at all."""

from __future__ import annotations

from celery import shared_task

from govcore import clock
from govcore.certificates import queries, service, telling
from govcore.notify.tasks import ports_of
from govcore.platform import current


@shared_task(name="certificate.renew_list")
def renew_list(**_: object) -> None:
    """Publish the revocation list anew once a day."""
    platform = current()
    with platform.db.transaction() as tx:
        service.renew_list(tx, platform.wrapper, at=clock.now(tx))


@shared_task(name="certificate.warn_ending")
def warn_ending(**_: object) -> None:
    """Warn of certificates that end in 30, 14 and 3 days."""
    platform = current()
    channels = ports_of(platform.settings)
    with platform.db.read() as tx:
        found = queries.ending(tx, at=clock.now(tx))
    for one in found:
        with platform.db.transaction() as tx:
            telling.warn(tx, platform.keys, platform.wrapper, one, channels=channels, at=clock.now(tx))


@shared_task(name="certificate.tell_revoked")
def tell_revoked(*, subject: str, **_: object) -> None:
    """Tell an organisation's members that one of its certificates was revoked, whoever did it."""
    platform = current()
    channels = ports_of(platform.settings)
    with platform.db.transaction() as tx:
        telling.tell_revoked(
            tx, platform.keys, platform.wrapper, subject, channels=channels, at=clock.now(tx)
        )
