"""States of an opening, and what must hold before each next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations


class OpeningState(StrEnum):
    """`SEALED` waits for windows, custodians and the gate; `RELEASED` has all keys; then all is read out at once.

    A later stage begins again at `SEALED`.
    """

    FAILED = "failed"
    SEALED = "sealed"
    RELEASED = "released"
    READ_OUT = "read_out"
    RECORDED = "recorded"


class OpeningMove(StrEnum):
    RELEASE = "release"
    RECOVER = "recover"
    READ_OUT = "read_out"
    WRITE_RECORD = "write_record"
    NEXT_STAGE = "next_stage"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which state a move leads where, and the public event that records it."""

    source: OpeningState
    target: OpeningState
    event: str
    waits: bool = True
    """Whether it waits for the end of a suspension of the lot."""


RULES = {
    OpeningMove.RELEASE: Rule(OpeningState.SEALED, OpeningState.RELEASED, "gate.released"),
    OpeningMove.RECOVER: Rule(OpeningState.SEALED, OpeningState.RELEASED, "opening.recovered"),
    OpeningMove.READ_OUT: Rule(OpeningState.RELEASED, OpeningState.READ_OUT, "opening.read_out"),
    OpeningMove.WRITE_RECORD: Rule(
        OpeningState.READ_OUT, OpeningState.RECORDED, "opening.recorded", waits=False
    ),
    OpeningMove.NEXT_STAGE: Rule(OpeningState.RECORDED, OpeningState.SEALED, "opening.stage_begun"),
}


class BidState(StrEnum):
    """`REVOKED` (撤销) is the bidder's fault, `WITHDRAWN` (撤回) is not (电子招标投标办法 art. 31).

    `VOID` (无效) was opened and read out, and fell for who its parties are (实施条例 art. 34, 37).
    """

    SEALED = "sealed"
    OPENED = "opened"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    VOID = "void"


class FindingCode(StrEnum):
    """What the opening finds about a bid's parties; those in `VOIDING` let it fall, the others are the committee's."""

    DOUBLE = "E_DOUBLE_BIDDING"
    CHANGED = "E_CONSORTIUM_CHANGED"
    CONFLICT = "E_MEMBER_CONFLICT"
    NOT_ADMITTED = "E_CONSORTIUM_NOT_ADMITTED"
    UNSIGNED = "E_CONSORTIUM_UNSIGNED"
    UNREADABLE = "E_CONSORTIUM_UNREADABLE"


VOIDING = frozenset({FindingCode.DOUBLE, FindingCode.CHANGED, FindingCode.CONFLICT})


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a bid binds: the codes of its bidder and of the members that signed its list."""

    bid_id: str
    lot_id: str
    ids: frozenset[str]
    consortium: bool


def double_bidders(bids: Sequence[Party]) -> dict[str, set[str]]:
    """The bids that somebody is in twice, each with the others it collides with (实施条例 art. 37, 采购条例 art. 22).

    An organisation may bid for several lots, alone or in the same consortium; what it may not do is bid in a
    consortium and beside it.
    """
    found: dict[str, set[str]] = {}
    for one, other in combinations(bids, 2):
        shared = bool(one.ids & other.ids) and (one.consortium or other.consortium)
        if shared and (one.ids != other.ids or one.lot_id == other.lot_id):
            found.setdefault(one.bid_id, set()).add(other.bid_id)
            found.setdefault(other.bid_id, set()).add(one.bid_id)
    return found


UNKNOWN = "unknown"
"""A fault that nobody can name yet: the host of the opening decides, with a reason."""


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
    SUSPENDED = "suspended"
    RELEASE = "release"
    RELEASED = "released"
    NOT_NEEDED = "not_needed"
    FAILED = "failed"
    ENDED = "ended"


def step_before_publication(*, given: bool, rehearsal: bool, answered: bool, signed: bool) -> SeatStep:
    """Keys, the tenderer's rehearsal, the own signature, the others'."""
    if not given:
        return SeatStep.PREPARE
    if not (rehearsal or answered):
        return SeatStep.REHEARSAL
    return SeatStep.PUBLICATION if answered and signed else SeatStep.SIGN


def step_at_opening(
    state: OpeningState,
    *,
    released: bool,
    seal_check_until: datetime,
    objections: int,
    suspended: bool,
    now: datetime,
) -> SeatStep:
    """What a seat does once the set of bids is fixed."""
    if state == OpeningState.FAILED:
        return SeatStep.FAILED
    if released:
        return SeatStep.RELEASED
    if state != OpeningState.SEALED:
        return SeatStep.NOT_NEEDED
    if suspended:
        return SeatStep.SUSPENDED
    if now < seal_check_until:
        return SeatStep.SEAL_CHECK
    return SeatStep.OBJECTION if objections else SeatStep.RELEASE


class OwnKeyStep(StrEnum):
    """Whether a bidder is asked for its own keys at the present stage; `DUE` is the bidder's to do."""

    NOT_ASKED = "not_asked"
    EARLY = "early"
    DUE = "due"
    GIVEN = "given"
    OVER = "over"


def share_step(
    *, asked: bool, sealed: bool, until: datetime | None, given: bool, now: datetime
) -> OwnKeyStep:
    """Where a tender asks for the bidder's share: from the closing until its window is over."""
    if not asked:
        return OwnKeyStep.NOT_ASKED
    if until is None:
        return OwnKeyStep.EARLY
    if given:
        return OwnKeyStep.GIVEN
    return OwnKeyStep.DUE if sealed and now < until else OwnKeyStep.OVER


def recovery_step(*, sealed: bool, release_until: datetime | None, given: bool, now: datetime) -> OwnKeyStep:
    """From the end of the custodians' window on, as long as nothing has opened the lot."""
    if release_until is None:
        return OwnKeyStep.EARLY
    if given:
        return OwnKeyStep.GIVEN
    if not sealed:
        return OwnKeyStep.OVER
    return OwnKeyStep.DUE if now >= release_until else OwnKeyStep.EARLY


SIGN_IN_BEFORE = timedelta(hours=1)
"""How long before the opening its hosts may sign in; bidders sign in from the closing on, for before it nobody may
know who they are (招标投标法 art. 22)."""


def confirmations_until(read_out_at: datetime, *, confirmation: int) -> datetime:
    """Until when bidders confirm their line of the read-out or object to the opening (seconds given)."""
    return read_out_at + timedelta(seconds=confirmation)


def record_is_due(*, confirmed: int, bids: int, unanswered: int, until: datetime, now: datetime) -> bool:
    """The record waits for every bidder's word or the end of the window, and for the answer to each objection and the
    decision about each fault that nobody could name."""
    return unanswered == 0 and (confirmed >= bids or now >= until)


def state_after_failure(fault: str | None) -> BidState:
    """What a bid that did not open becomes: only its bidder's own fault puts the deposit at risk."""
    return BidState.REVOKED if fault == "bidder" else BidState.WITHDRAWN


STOP, CONTINUE = "STOP_AND_RETENDER", "CONTINUE_TO_COMMITTEE"


def goes_on(*, opened: int, needed: int, few_opened: str) -> bool:
    """Whether the committee gets what was opened: enough bids, or fewer where the documents say so; never none."""
    return opened >= needed or (opened > 0 and few_opened == CONTINUE)


class Window(StrEnum):
    """The windows of a stage, in the order of their ends."""

    OWN_KEYS = "own_keys"
    SEAL_CHECK = "seal_check"
    RELEASE = "release"
    CONFIRM = "confirm"


WINDOW_NAMES = {
    Window.OWN_KEYS: "Bidders give their shares",
    Window.SEAL_CHECK: "Check of the seals by bidders",
    Window.RELEASE: "Custodians release",
    Window.CONFIRM: "Bidders confirm the read-out",
}


@dataclass(frozen=True, slots=True)
class Windows:
    """Until when bidders give their shares (nothing where they hold none), check the seals, custodians release."""

    bidder_until: datetime | None
    seal_check_until: datetime
    release_until: datetime


def windows(begun_at: datetime, *, bidder_share: int, seal_check: int, release: int) -> Windows:
    """The windows of a stage in seconds; the custodians' begins when the others are over."""
    bidder_until = begun_at + timedelta(seconds=bidder_share) if bidder_share else None
    seal_check_until = begun_at + timedelta(seconds=seal_check)
    release_from = max(seal_check_until, bidder_until or seal_check_until)
    return Windows(bidder_until, seal_check_until, release_from + timedelta(seconds=release))


def prolonged(until: Windows, given: Mapping[Window, timedelta]) -> Windows:
    """The windows with what was added to each; the custodians' begins when the others are over, as before."""
    none = timedelta()
    bidder = until.bidder_until and until.bidder_until + given.get(Window.OWN_KEYS, none)
    seal_check = until.seal_check_until + given.get(Window.SEAL_CHECK, none)
    began = max(until.seal_check_until, until.bidder_until or until.seal_check_until)
    later = max(seal_check, bidder or seal_check) - began
    return Windows(bidder, seal_check, until.release_until + later + given.get(Window.RELEASE, none))


def release_opens_at(
    *,
    seal_check_until: datetime,
    bidder_until: datetime | None,
    bidder_shares_missing: int,
    opening_at: datetime,
) -> datetime:
    """When custodians and gate may release: no window open, unless every bidder gave its share already.

    A custodian or the gate that went before a bidder would let it look at what the others offer and abort.
    """
    waits = bidder_until if bidder_until and bidder_shares_missing else seal_check_until
    return max(seal_check_until, waits, opening_at)


def gate_may_release(
    *, valid_releases: int, k: int, release_opens_at: datetime, objections: int, now: datetime
) -> bool:
    """All of the gate's conditions: k valid releases, windows over, the hour reached, no objection standing."""
    return valid_releases >= k and now >= release_opens_at and objections == 0


def suspended(*, releases: int, k: int, release_until: datetime, now: datetime) -> bool:
    """Too few custodians released in their window: bidders may hand in their own keys, custodians still theirs."""
    return releases < k and now >= release_until


def all_shares_are_in(*, releases: int, n: int, release_until: datetime, now: datetime) -> bool:
    """No share can come any more: only then is a key that does not fit its bidder's fault."""
    return releases >= n or now >= release_until


def overlaps(began: datetime | None, ended: datetime | None, *, since: datetime, until: datetime) -> bool:
    """True when an outage of the platform touched a window."""
    return began is not None and ended is not None and began < until and ended > since


RECORD_PAPER = "opening.record"
"""The kind of paper on which the centre may order its seal."""
