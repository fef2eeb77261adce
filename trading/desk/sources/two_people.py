"""Acts that wait for their second person."""

from __future__ import annotations

from collections.abc import Iterator

from trading.desk.task import Desk, Task


def acts(desk: Desk) -> Iterator[Task]:
    """What waits for a second person, on the desks of both."""
    for one in desk.waiting:
        yield Task(
            text=one.act.text,
            href=f"/two-person/{one.id}",
            by=one.expires_at,
            article="It lapses unless somebody else confirms it in time."
            if one.mine
            else "A colleague waits for you as second person.",
            word="Waiting" if one.mine else "To do",
            kind="neutral" if one.mine else "danger",
        )


def acts_on_lots(desk: Desk) -> Iterator[Task]:
    """The same, of acts on this desk's lots and tenders alone."""
    known = {key for lot in desk.lots for key in (lot.lot_id, lot.tender_id)}
    for one, task in zip(desk.waiting, acts(desk), strict=True):
        if one.object_id in known:
            yield task
