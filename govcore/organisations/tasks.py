"""Hand invitations to their channel, and take the keys of who left; each may come late or twice."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore import clock
from govcore.i18n.catalogue import LANGUAGES
from govcore.notify.channels import NotSent, Port
from govcore.notify.policy import Channel, is_mail
from govcore.notify.tasks import ports_of
from govcore.organisations import joining, queries, service
from govcore.organisations.queries import Letter
from govcore.platform import Platform, current

_log = structlog.get_logger()

INVITATION_WORDS = {
    "subject": "You are invited",
    "body": "You are invited to act for an organisation at {site}. Your code: {code}. "
    "It works once, for seven days. Enter it at {address}.",
}


@shared_task(name="organisations.send_invitations")
def send_invitations(**_: object) -> None:
    """Send what is due."""
    platform = current()
    ports = ports_of(platform.settings)
    if not ports:
        return
    with platform.db.read() as tx:
        due = queries.due_invitations(tx, at=clock.now(tx))
    for invitation_id in due:
        send_one(platform, ports, invitation_id)


@shared_task(name="organisations.revoke_keys")
def revoke_keys(*, subject: str, **_: object) -> None:
    """Revoke the certificates of everybody who left the organisation."""
    platform = current()
    with platform.db.transaction() as tx:
        service.revoke_keys(tx, platform.wrapper, subject, at=clock.now(tx))


def send_one(platform: Platform, ports: dict[Channel, Port], invitation_id: str) -> None:
    """One letter in three steps: claimed, sent outside any transaction, noted."""
    with platform.db.transaction() as tx:
        if not joining.claim_sending(tx, invitation_id, at=clock.now(tx)):
            return
        letter = queries.letter_to_send(tx, platform.wrapper, invitation_id)
    failed = not _sent(platform, ports, letter, invitation_id)
    with platform.db.transaction() as tx:
        joining.settle_sending(tx, platform.wrapper, invitation_id, failed=failed, at=clock.now(tx))


def _sent(platform: Platform, ports: dict[Channel, Port], letter: Letter, invitation_id: str) -> bool:
    port = ports.get(Channel.MAIL if is_mail(letter.address) else Channel.SMS)
    if port is None:
        return False
    try:
        port.send(letter.address, *wording(platform, letter.code))
    except NotSent as error:
        _log.warning("organisations.invitation_not_sent", invitation=invitation_id, reason=str(error))
        return False
    return True


def wording(platform: Platform, code: str) -> tuple[str, str]:
    """Subject and body in both languages; the code is no part of an address, which others could read."""
    site = platform.settings.site_url
    data = {"site": platform.settings.centre or site, "code": code, "address": f"{site}/join"}
    said = [platform.catalogue.translator(lang) for lang in LANGUAGES]
    body = "\n\n".join(_(INVITATION_WORDS["body"], **data) for _ in said)
    return said[0](INVITATION_WORDS["subject"]), body + "\n"
