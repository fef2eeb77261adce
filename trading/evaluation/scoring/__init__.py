"""`score` makes the result of a tender file, an opening and sheets, as `docs/guide/evaluation-files.md` says.

Nothing here knows of a database, a clock or another part of the platform: the standard library is enough.
"""

from __future__ import annotations

from trading.evaluation.scoring.evaluating import evaluate
from trading.evaluation.scoring.given import Code, Given, Refused
from trading.evaluation.scoring.result import document
from trading.evaluation.scoring.tender_file import read_tender_file
from trading.evaluation.scoring.trace import steps_of

__all__ = ["Code", "Refused", "check", "score", "trace"]


def check(tender_file: object) -> None:
    """Say before anybody bids whether a tender file can be scored by: it is `Refused` for its first fault."""
    read_tender_file(tender_file)


def score(tender_file: object, opening: object, sheets: object) -> dict[str, object]:
    """The result of an evaluation as a JSON document; documents that are not as the page says are `Refused`."""
    return document(evaluate(tender_file, opening, sheets))


def trace(tender_file: object, opening: object, sheets: object, bid_id: str) -> list[dict[str, object]]:
    """Every value on the way to one bid's place, in order; numbers are exact fractions."""
    evaluated = evaluate(tender_file, opening, sheets)
    if bid_id not in evaluated.prices:
        raise Given(bid_id, "bid").refused(Code.UNKNOWN)
    return [step.document() for step in steps_of(evaluated, bid_id)]
