"""Sweeps of the committees' draws: each may come late, twice or not at all."""

from __future__ import annotations

import structlog
from celery import shared_task

from govcore import clock
from govcore.notify.channels import Heard, Line, NotSent, Sms, VoiceLine
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.committee import calling, drawing, following, meeting, screening
from trading.committee import drawing_queries as queries
from trading.committee import queries as committees
from trading.committee.drawing_policy import Answer

CALL_WORDS = (
    "This is {centre}. You were drawn to evaluate bids on {time}. Press 1 if you come, press 2 if you cannot."
)
COMING_WORDS = (
    "You will come to {place} at {time}. Code for the entrance: {code}. Tell nobody that you were drawn."
)

"""What is said over the line: neither the tender nor anybody who bids."""

_BATCH = 50
_log = structlog.get_logger()


@shared_task(name="committee.follow_draws")
def follow_draws(**_: object) -> None:
    """Take every lot whose experts were drawn one step on."""
    platform = current()
    with platform.db.read() as tx:
        waiting = queries.to_follow(tx)
    each(platform, waiting, follow_lot)


def follow_lot(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        following.follow(tx, platform.wrapper, platform.keys, lot_id, at=clock.now(tx))


@shared_task(name="committee.screen_members")
def screen_members(**_: object) -> None:
    """Hold the members of committees against bids that were read out since."""
    platform = current()
    with platform.db.read() as tx:
        waiting = screening.to_screen(tx)
    each(platform, waiting, screen_lot)


def screen_lot(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        screening.screen(tx, platform.wrapper, lot_id, at=clock.now(tx))


@shared_task(name="committee.end_sessions")
def end_sessions(**_: object) -> None:
    """Close the sessions whose time is over; members were let in no longer since then."""
    platform = current()
    with platform.db.read() as tx:
        over = committees.sessions_over(tx, at=clock.now(tx))
    each(platform, over, end_session)


def end_session(platform: Platform, lot_id: str) -> None:
    with platform.db.transaction() as tx:
        meeting.end_session(tx, lot_id, at=clock.now(tx))


@shared_task(name="committee.publish_draws")
def publish_draws(*, subject: str, **_: object) -> None:
    """The result is public: whoever wants to replays how its experts were drawn."""
    platform = current()
    with platform.db.transaction() as tx:
        drawing.publish_draws(tx, subject, at=clock.now(tx))


@shared_task(name="committee.carry_calls")
def carry_calls(**_: object) -> None:
    """Place the calls that are due, hear what was answered, and tell who accepted when and where to come."""
    platform = current()
    with platform.db.read() as tx:
        due = queries.calls_to_carry(tx, at=clock.now(tx), limit=_BATCH)
        accepted = queries.calls_to_tell(tx, limit=_BATCH)
    if platform.settings.call_url:
        line = VoiceLine(platform.settings.call_url)
        for draw_id, entrant in due:
            carry_one(platform, line, draw_id, entrant)
    if platform.settings.sms_url:
        for draw_id, entrant in accepted:
            tell_one(platform, Sms(platform.settings.sms_url), draw_id, entrant)


def carry_one(platform: Platform, line: Line, draw_id: str, entrant: str) -> None:
    """One call in three steps: claimed, carried outside any transaction, noted."""
    with platform.db.transaction() as tx:
        call = calling.claim(tx, draw_id, entrant, at=clock.now(tx))
        if call is None:
            return
        said = calling.wording(tx, platform.keys, platform.wrapper, draw_id, entrant)
    if said is None:
        return
    try:
        if call.reference is None:
            words = platform.catalogue.translator("zh_CN")(
                CALL_WORDS, centre=_centre(platform), time=said.time
            )
            line.place(said.phone, words, call.next_reference)
            heard = None
        else:
            heard = line.heard(call.reference)
    except NotSent as error:
        _log.warning("committee.call_not_placed", reason=str(error))
        return
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        if heard is None:
            calling.note_placed(tx, draw_id, entrant, call.next_reference, at=at)
        elif heard in (Heard.FIRST, Heard.SECOND):
            state = Answer.ACCEPTED if heard is Heard.FIRST else Answer.DECLINED
            drawing.keep_answer(tx, draw_id, entrant, state, how="phone", at=at)
        elif heard is Heard.NOBODY:
            calling.note_unanswered(tx, draw_id, entrant, at=at)
        else:
            calling.ask_again(tx, draw_id, entrant, at=at)


def tell_one(platform: Platform, sms: Sms, draw_id: str, entrant: str) -> None:
    """Send place, time and code to who accepted; a message that was not taken is tried again by the next sweep."""
    with platform.db.transaction() as tx:
        if not calling.claim_telling(tx, draw_id, entrant, at=clock.now(tx)):
            return
        said = calling.wording(tx, platform.keys, platform.wrapper, draw_id, entrant)
    if said is None:
        return
    words = platform.catalogue.translator("zh_CN")(
        COMING_WORDS, place=said.place, time=said.time, code=said.code
    )
    try:
        sms.send(said.phone, "", words)
    except NotSent as error:
        _log.warning("committee.member_not_told", reason=str(error))
        with platform.db.transaction() as tx:
            calling.give_back(tx, draw_id, entrant)


def _centre(platform: Platform) -> str:
    return platform.settings.centre or platform.catalogue.translator("zh_CN")(
        "Public resource trading centre"
    )
