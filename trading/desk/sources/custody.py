"""Keys that custodians give, rehearse and release."""

from __future__ import annotations

from collections.abc import Iterator

from trading.desk.task import ACCOUNT, Desk, Task
from trading.draws import queries as draws
from trading.opening.policy import SeatStep
from trading.opening.seats import seats as seats_of


def draw_keys(desk: Desk) -> Iterator[Task]:
    """The standing key for draws, while a lot draws something and it is not given."""
    for lot in draws.waits_for_key(desk.tx, actor=desk.actor)[:1]:
        yield Task(
            text="Give your key for draws: {lot} draws something",
            data={"lot": lot.lot_name},
            href="/draws/key",
            article="One key serves all draws; without it documents that draw something are not published.",
            command=f"trading draw key {ACCOUNT}",
        )


def seats(desk: Desk) -> Iterator[Task]:
    """What the seats of the actor's organisation ask: keys, signatures, shares."""
    for seat in seats_of(desk.tx, actor=desk.actor, at=desk.at):
        lot: dict[str, object] = {"lot": seat.lot_name}
        if seat.step == SeatStep.PREPARE:
            yield Task(
                text="Give your one-time keys for {lot}",
                data=lot,
                href="/custodian",
                command=f"trading custodian prepare {ACCOUNT} --all",
            )
        elif seat.step == SeatStep.SIGN:
            yield Task(
                text="Rehearse your keys for {lot} and sign the key manifest",
                data=lot,
                href="/custodian",
                command=f"trading custodian sign {ACCOUNT} --all",
            )
        elif seat.step == SeatStep.DEADLINE:
            yield Task(
                text="Keep your passphrase for {lot} ready for the opening",
                data=lot,
                href="/custodian",
                by=seat.opening_at,
                word="Waiting",
                kind="neutral",
            )
        elif seat.step in (SeatStep.SEAL_CHECK, SeatStep.RELEASE):
            yield Task(
                text="Release your shares for the opening of {lot}",
                data=lot,
                href="/custodian",
                by=seat.release_until,
                article="Your own machine checks the committed set of bids before it releases anything.",
                kind="danger",
                command=f"trading custodian release {ACCOUNT} --all",
            )
