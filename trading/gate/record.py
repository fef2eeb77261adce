"""What the log says of a lot, as the gate read it itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from bidding_docs import manifests as m
from bidding_docs.codes import SecondClosing, TooEarly, WrongKeyManifest
from bidding_docs.encoding import parse_time
from trading.gate.schemas import Scope
from trading.procedure.spans import Span, union


class Closed(msgspec.Struct, frozen=True):
    """What a closing fixed."""

    tender_id: str
    lot_id: str
    round: int
    key_manifest_sha256: str
    schedule_sha256: str
    cp_size: int
    cp_root: str
    bids_root: str
    eligible_count: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The one closing of a lot: its exact event, where it stands and when, and what it fixed."""

    event: bytes
    index: int
    at: datetime
    data: Closed

    @property
    def sha256(self) -> str:
        return m.digest(self.event)


OPENING_STOPPED = "opening"
"""What a suspension lists when nothing may be released while it lasts."""


GIVEN_UP = ("tender.terminated", "tender.cancelled")


class _Told(msgspec.Struct, frozen=True):
    type: str
    subject: str
    at: str
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Entry:
    index: int
    event: bytes
    told: _Told


class Record:
    """The public entries about one lot, in the order of the log."""

    def __init__(self, entries: Iterable[tuple[int, bytes]]) -> None:
        self._entries = [_Entry(i, raw, msgspec.json.decode(raw, type=_Told)) for i, raw in entries]

    def closing(self, scope: Scope) -> Closing:
        """The first closing of this round; E_TOO_EARLY before it, E_SECOND_CLOSING once another stands beside it."""
        found = [one for one in self._of("tender.closed") if one.told.data.get("round") == scope.round]
        if not found:
            raise TooEarly(opening_at="tender.closed")
        if any(one.event != found[0].event for one in found):
            raise SecondClosing
        first = found[0]
        data = msgspec.convert(first.told.data, Closed)
        if (data.tender_id, data.lot_id) != (scope.tender_id, scope.lot_id):
            raise WrongKeyManifest(field="tender_id")
        return Closing(first.event, first.index, parse_time(first.told.at), data)

    def published_manifest(self, round_: int) -> object:
        """The digest of the key manifest that bidders of this round were shown first."""
        shown = self._published(round_)
        return shown.told.data.get("key_manifest_sha256") if shown else None

    def published_at(self, round_: int) -> datetime | None:
        """When that key manifest was published: no bid of the round is older."""
        shown = self._published(round_)
        return parse_time(shown.told.at) if shown else None

    def _published(self, round_: int) -> _Entry | None:
        return next((one for one in self._of("keys.published") if one.told.data.get("round") == round_), None)

    def highest_schedule(self, before: int) -> object:
        """The digest of the highest schedule published before an entry; nothing when there is none, or are two.

        It is found by its number: an instant shuffles the entries that it adds.
        """
        changed = [one.told.data for one in self._of("schedule.changed") if one.index < before]
        numbers = [n for data in changed if isinstance(n := data.get("n"), int)]
        top = {data.get("schedule_sha256") for data in changed if data.get("n") == max(numbers, default=0)}
        return top.pop() if len(top) == 1 else None

    def releases(self) -> set[object]:
        """The digests of the custodians' releases."""
        return {one.told.data.get("release_sha256") for one in self._of("share.released")}

    def technical_fixed(self, closing: Closing) -> tuple[datetime, bytes, object]:
        """When the technical result of this closing was logged, its event and digest; E_TOO_EARLY before."""
        for one in self._of("evaluation.technical_fixed"):
            if one.told.data.get("tender_closed_sha256") == closing.sha256:
                return parse_time(one.told.at), one.event, one.told.data.get("result_sha256")
        raise TooEarly(opening_at="evaluation.technical_fixed")

    def objection_stands(self) -> bool:
        raised = {one.told.data.get("objection") for one in self._of("opening.objection_stands")}
        return bool(
            raised - {one.told.data.get("objection") for one in self._of("opening.objection_settled")}
        )

    def suspensions(self, now: datetime) -> tuple[tuple[Span, ...], bool]:
        """The time in which the opening was suspended, up to now where it still is, or the platform was out.

        Also whether it is suspended now.
        """
        ended = {one.told.data.get("hold"): parse_time(one.told.at) for one in self._of("tender.resumed")}
        begun = {
            one.told.data.get("hold"): parse_time(one.told.at)
            for one in self._of("tender.suspended")
            if OPENING_STOPPED in _listed(one.told.data.get("stops"))
        }
        out = [_span(one.told.data) for one in self._of("opening.outage_measured")]
        spans = union([*((start, ended.get(hold, now)) for hold, start in begun.items()), *out])
        return spans, bool(begun.keys() - ended.keys())

    def given_up(self) -> bool:
        """True when the lot was terminated or cancelled: each round is a lot of its own."""
        return any(one.told.type in GIVEN_UP for one in self._entries)

    def done_at(self, opens: str) -> tuple[datetime, bool] | None:
        """Since when a stage's key has had its use, and whether because the lot failed; nothing before."""
        for one in self._entries:
            failed = one.told.type in ("tender.failed", *GIVEN_UP)
            if failed or (
                one.told.type == "opening.read_out" and one.told.data.get("opens", m.OPENING) == opens
            ):
                return parse_time(one.told.at), failed
        return None

    def _of(self, kind: str) -> list[_Entry]:
        return [one for one in self._entries if one.told.type == kind]


def _span(data: Mapping[str, object]) -> Span:
    return parse_time(str(data.get("began"))), parse_time(str(data.get("ended")))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
