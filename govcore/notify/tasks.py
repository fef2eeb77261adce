"""Sweeps of the notices: each may come late, twice or not at all."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore import clock
from govcore.i18n.catalogue import LANGUAGES
from govcore.notify import following, queries, sending
from govcore.notify.channels import Mail, NotSent, Port, Sms
from govcore.notify.policy import Channel
from govcore.notify.queries import Due
from govcore.platform import Platform, current
from govcore.settings import Settings

_log = structlog.get_logger()
_BATCH = 50


@shared_task(name="notify.deliver")
def deliver(**_: object) -> None:
    """Owe new notices to their followers, and send what is due."""
    platform = current()
    ports = ports_of(platform.settings)
    with platform.db.read() as tx:
        new = queries.to_fan_out(tx)
        due = queries.due_deliveries(tx, at=clock.now(tx), limit=_BATCH)
    for notice_id in new:
        with platform.db.transaction() as tx:
            following.fan_out(tx, platform.wrapper, notice_id, channels=ports, at=clock.now(tx))
    for delivery_id in due:
        send_one(platform, ports, delivery_id)


def ports_of(settings: Settings) -> dict[Channel, Port]:
    """The channels that are configured."""
    ports: dict[Channel, Port] = {}
    if settings.smtp_url:
        ports[Channel.MAIL] = Mail(settings.smtp_url)
    if settings.sms_url:
        ports[Channel.SMS] = Sms(settings.sms_url)
    return ports


def send_one(platform: Platform, ports: dict[Channel, Port], delivery_id: str) -> None:
    """One delivery in three steps: claimed, sent outside any transaction, noted."""
    with platform.db.transaction() as tx:
        if not sending.claim(tx, delivery_id, at=clock.now(tx)):
            return
        due = queries.due_delivery(tx, platform.wrapper, delivery_id)
    failure = _hand_over(platform, ports, due)
    with platform.db.transaction() as tx:
        if failure is None:
            sending.settle(tx, delivery_id, at=clock.now(tx))
        else:
            sending.postpone(tx, delivery_id, detail=failure, at=clock.now(tx))


def _hand_over(platform: Platform, ports: dict[Channel, Port], due: Due) -> str | None:
    """Why it was not sent, or nothing."""
    port = ports.get(due.channel)
    if port is None:
        return "this channel is not set up"
    if not due.address:
        return "there is no address any more"
    try:
        port.send(due.address, *_wording(platform, due))
    except NotSent as error:
        cause = type(error.__cause__).__name__
        _log.warning(
            "notify.not_sent", channel=due.channel.value, delivery=due.id, reason=str(error), cause=cause
        )
        return str(error)
    return None


def _wording(platform: Platform, due: Due) -> tuple[str, str]:
    """Subject and body: the reader's language first; a mail says it in both and where to look."""
    said = {lang: platform.catalogue.translator(lang)(due.text, **due.data) for lang in LANGUAGES}
    first = said.pop(due.language)
    if due.channel is Channel.SMS:
        return "", first
    address = f"{platform.settings.site_url}{due.href}"
    return first[:80], "\n\n".join([first, *said.values(), address]) + "\n"
