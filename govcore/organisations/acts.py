"""Acts that pages and the JSON API offer alike, one transaction each."""

from __future__ import annotations

import secrets

from govcore import clock
from govcore.identity.policy import Actor
from govcore.notify.policy import Channel, is_mail
from govcore.notify.tasks import ports_of
from govcore.organisations import delegations, joining
from govcore.organisations.policy import CODE_BYTES, invitation_code
from govcore.organisations.schemas import Invited, NewInvitation
from govcore.platform import Platform


def send_invitation(platform: Platform, data: NewInvitation, actor: Actor) -> Invited:
    """Owe a code to an address; where no channel leads there, the inviter is told the code this once."""
    code, address = invitation_code(secrets.token_bytes(CODE_BYTES)), data.address.strip()
    with platform.db.transaction() as tx:
        invitation_id = joining.invite(
            tx,
            platform.wrapper,
            name=data.name,
            address=address,
            duties=data.duties,
            code=code,
            actor=actor,
            at=clock.now(tx),
        )
    channel = Channel.MAIL if is_mail(address) else Channel.SMS
    return Invited(invitation_id, None if channel in ports_of(platform.settings) else code)


def choose(platform: Platform, delegation_id: str | None, actor: Actor) -> None:
    """Let the session act by a delegation, or for oneself again."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        if delegation_id is None:
            delegations.lay_down(tx, actor=actor, at=at)
        else:
            delegations.take_up(tx, delegation_id, actor=actor, at=at)
