"""Questions and clarifications: JSON for everybody, for the agency and for the tenderer."""

from __future__ import annotations

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.clarification import asking, issue, moving, queries, samples, service
from trading.clarification.schemas import (
    ClarificationShown,
    NewQuestion,
    NewSample,
    OpenQuestion,
    Preparation,
    Prepared,
    QuestionTaken,
    Return,
    SampleShown,
    SignedSchedule,
)


@post("/api/tenders/{tender_id:str}/questions", permission="public", sync_to_thread=True, status_code=201)
def ask(
    tender_id: FromPath[str],
    data: JSONBody[NewQuestion],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> QuestionTaken:
    """Ask about a published tender, signed in or not; the answer appears under the number that comes back."""
    with platform.db.transaction() as tx:
        reference = asking.ask(
            tx, platform.keys, platform.wrapper, tender_id, data, actor=actor, at=clock.now(tx)
        )
    return QuestionTaken(reference)


@get("/api/tenders/{tender_id:str}/questions", permission="clarification.read", sync_to_thread=True)
def open_questions(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[OpenQuestion]:
    """The collected questions that wait for an answer, without askers; for agency and tenderer."""
    with platform.db.read() as tx:
        return queries.open_questions(tx, platform.wrapper, tender_id, actor=actor, at=clock.now(tx))


@get("/api/tenders/{tender_id:str}/clarifications", permission="public", sync_to_thread=True)
def released(tender_id: FromPath[str], platform: NamedDependency[Platform]) -> list[ClarificationShown]:
    """The released clarifications of a tender, the newest first."""
    with platform.db.read() as tx:
        queries.published_tender(tx, tender_id)
        return queries.released(tx, tender_id)


@get("/api/clarifications/{clarification_id:str}", permission="public", sync_to_thread=True)
def one(clarification_id: FromPath[str], platform: NamedDependency[Platform]) -> ClarificationShown:
    """One released clarification."""
    with platform.db.read() as tx:
        return queries.released_clarification(tx, clarification_id)


@put(
    "/api/tenders/{tender_id:str}/clarification",
    permission="clarification.prepare",
    sync_to_thread=True,
    status_code=200,
)
def prepare(
    tender_id: FromPath[str],
    data: JSONBody[Prepared],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Preparation:
    """Keep what the agency's next clarification says, as a whole."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        service.prepare(tx, platform.wrapper, tender_id, data, actor=actor, at=at)
        return moving.preparation(tx, tender_id, actor=actor, at=at)


@get("/api/tenders/{tender_id:str}/clarification", permission="clarification.read", sync_to_thread=True)
def preparation(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Preparation:
    """The clarification that is being prepared, and what its release now would do to each deadline."""
    with platform.db.read() as tx:
        return moving.preparation(tx, tender_id, actor=actor, at=clock.now(tx))


@post(
    "/api/clarifications/{clarification_id:str}/hand-over",
    permission="clarification.prepare",
    sync_to_thread=True,
    status_code=204,
)
def hand_over(
    clarification_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Give a clarification to the tenderer for release."""
    with platform.db.transaction() as tx:
        service.hand_over(tx, clarification_id, actor=actor, at=clock.now(tx))


@post(
    "/api/clarifications/{clarification_id:str}/return",
    permission="clarification.release",
    sync_to_thread=True,
    status_code=204,
)
def give_back(
    clarification_id: FromPath[str],
    data: JSONBody[Return],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Give a clarification back to its agency with the reason."""
    with platform.db.transaction() as tx:
        service.give_back(tx, clarification_id, reason=data.reason, actor=actor, at=clock.now(tx))


@post(
    "/api/clarifications/{clarification_id:str}/schedules/{lot_id:str}",
    permission="schedule.sign",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def keep_schedule(
    clarification_id: FromPath[str],
    lot_id: FromPath[str],
    data: JSONBody[SignedSchedule],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Hand in a lot's next schedule, signed by two people of the tenderer; it counts from the release on."""
    with platform.db.transaction() as tx:
        moving.keep_schedule(tx, clarification_id, lot_id, data.envelope, actor=actor)


@post(
    "/api/clarifications/{clarification_id:str}/release",
    permission="clarification.release",
    fresh=True,
    sync_to_thread=True,
    status_code=200,
)
def release(
    clarification_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> ClarificationShown:
    """Publish a clarification with its moved deadlines."""
    issue.release(platform, clarification_id, actor=actor)
    with platform.db.read() as tx:
        return queries.released_clarification(tx, clarification_id)


@post(
    "/api/tenders/{tender_id:str}/samples",
    permission="clarification.take_sample",
    sync_to_thread=True,
    status_code=201,
)
def take_sample(
    tender_id: FromPath[str],
    data: JSONBody[NewSample],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> SampleShown:
    """Take a sample in; the receipt's number is all that tells whose it is."""
    with platform.db.transaction() as tx:
        number = samples.take(tx, platform.wrapper, tender_id, data, actor=actor, at=clock.now(tx))
        return queries.sample(tx, platform.wrapper, number)


@get("/api/tenders/{tender_id:str}/samples", permission="clarification.read", sync_to_thread=True)
def list_samples(
    tender_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[SampleShown]:
    """The samples of a tender for its agency and tenderer, after the deadline."""
    with platform.db.read() as tx:
        return queries.samples_after(tx, platform.wrapper, tender_id, actor=actor, at=clock.now(tx))


@get("/api/samples/{number:str}", permission="public", sync_to_thread=True)
def sample(number: FromPath[str], platform: NamedDependency[Platform]) -> SampleShown:
    """A sample for whoever knows the number on its receipt."""
    with platform.db.read() as tx:
        return queries.sample(tx, platform.wrapper, number)


ROUTES = [
    ask,
    open_questions,
    released,
    one,
    prepare,
    preparation,
    hand_over,
    give_back,
    keep_schedule,
    release,
    take_sample,
    list_samples,
    sample,
]
