"""States of an opening, and what must hold before each next step."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class OpeningState(StrEnum):
    """`SEALED` waits for windows, custodians and the gate; `RELEASED` has all shares; then all is read out at once."""

    FAILED = "failed"
    SEALED = "sealed"
    RELEASED = "released"
    READ_OUT = "read_out"
    RECORDED = "recorded"


class BidState(StrEnum):
    """`REVOKED` (撤销) is the bidder's fault, `WITHDRAWN` (撤回) is not (电子招标投标办法 art. 31)."""

    SEALED = "sealed"
    OPENED = "opened"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"


class SeatStep(StrEnum):
    """What a custodian's seat in a lot waits for; `PREPARE`, `SIGN` and `RELEASE` are the custodian's to do."""

    PREPARE = "prepare"
    REHEARSAL = "rehearsal"
    SIGN = "sign"
    PUBLICATION = "publication"
    DEADLINE = "deadline"
    CLOSING = "closing"
    SEAL_CHECK = "seal_check"
    OBJECTION = "objection"
    RELEASE = "release"
    RELEASED = "released"
    NOT_NEEDED = "not_needed"
    FAILED = "failed"


def step_before_publication(*, given: bool, rehearsal: bool, answered: bool, signed: bool) -> SeatStep:
    """Keys, the tenderer's rehearsal, the own signature, the others'."""
    if not given:
        return SeatStep.PREPARE
    if not (rehearsal or answered):
        return SeatStep.REHEARSAL
    return SeatStep.PUBLICATION if answered and signed else SeatStep.SIGN


def step_at_opening(
    state: OpeningState, *, released: bool, seal_check_until: datetime, objections: int, now: datetime
) -> SeatStep:
    """What a seat does once the set of bids is fixed."""
    if state == OpeningState.FAILED:
        return SeatStep.FAILED
    if released:
        return SeatStep.RELEASED
    if state != OpeningState.SEALED:
        return SeatStep.NOT_NEEDED
    if now < seal_check_until:
        return SeatStep.SEAL_CHECK
    return SeatStep.OBJECTION if objections else SeatStep.RELEASE


SIGN_IN_BEFORE = timedelta(hours=1)
"""How long before the opening its hosts may sign in; bidders sign in from the closing on, for before it nobody may
know who they are (招标投标法 art. 22)."""


def confirmations_until(read_out_at: datetime, *, confirmation: int) -> datetime:
    """Until when bidders confirm their line of the read-out or object to the opening (seconds given)."""
    return read_out_at + timedelta(seconds=confirmation)


def record_is_due(*, confirmed: int, bids: int, unanswered: int, until: datetime, now: datetime) -> bool:
    """The record waits for every bidder's word or the end of the window, and for the answer to each objection."""
    return unanswered == 0 and (confirmed >= bids or now >= until)


def state_after_failure(fault: str | None) -> BidState:
    """What a bid that did not open becomes: only its bidder's own fault puts the deposit at risk."""
    return BidState.REVOKED if fault == "bidder" else BidState.WITHDRAWN


def gate_may_release(
    *,
    valid_releases: int,
    k: int,
    seal_check_until: datetime,
    opening_at: datetime,
    objections: int,
    now: datetime,
) -> bool:
    """All of the gate's conditions: k valid releases, windows over, the hour reached, no objection standing."""
    return valid_releases >= k and now >= seal_check_until and now >= opening_at and objections == 0


def windows(closed_at: datetime, *, seal_check: int, release: int) -> tuple[datetime, datetime]:
    """When the check of the seals ends, and when the custodians' releases are due (seconds given)."""
    seal_check_until = closed_at + timedelta(seconds=seal_check)
    return seal_check_until, seal_check_until + timedelta(seconds=release)
