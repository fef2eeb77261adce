"""A draw as a pure function: whoever has the document computes it again with `sha256sum`. Standard library only.

Hashes and contributors' values are written as 64 lower-case hex digits and enter other hashes as this text, so every
line of a draw is one `printf … | sha256sum`. `docs/guide/draws.md` says the same in words.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

SCHEMA = "draw/1"
LEAST_CONTRIBUTORS = 3
"""With fewer who committed there is no draw: two could agree, one knows the result in advance."""

LAWFUL: Mapping[str, frozenset[str]] = {
    "TB": frozenset({"experts", "opening"}),
    "GP": frozenset({"experts", "opening", "invitees", "same_brand", "parallel"}),
}
"""What may be drawn in each regime: in TB never bidders, candidates or winners (发改法规规〔2022〕1117号, no. 2).

In GP invitees (政府采购法 art. 34), equal bids of one brand (87号令 art. 31) and parallel first places (art. 68).
`opening`: the coefficients and tickets that a tender's price scores need.
"""

ID = re.compile(r"[A-Za-z0-9._=-]{1,128}")
MOST = 1000
"""A quota takes no more than this."""

HEX = re.compile(r"[0-9a-f]{64}")


class Excluded(TypedDict):
    """Who may not be drawn, and by which reason of the pool's owner."""

    id: str
    reason: str


class Quota(TypedDict):
    """So many of these are taken, in the order of their tickets."""

    name: str
    number: int
    of: list[str]


class Contribution(TypedDict):
    """What one contributor committed to and revealed; `opened` is `escrow` where the custodians opened it."""

    name: str
    commitment: str
    reveal: str
    opened: str


class Ticket(TypedDict):
    id: str
    ticket: str


class Decline(TypedDict):
    """Who gave way after the draw, and why."""

    id: str
    reason: str


class Taken(TypedDict):
    quota: str
    id: str


class Document(TypedDict):
    """Everything about one draw, in canonical JSON (`canonical`)."""

    schema: str
    draw_id: str
    purpose: str
    regime: str
    pool: list[str]
    exclusions: list[Excluded]
    quotas: list[Quota]
    pool_hash: str
    exclusions_hash: str
    quotas_hash: str
    contributors: list[Contribution]
    seed: str
    tickets: list[Ticket]
    declines: list[Decline]
    taken: list[Taken]


class NotADraw(ValueError):
    """The file is not a draw's document; the text names the place."""


def sha256(text: str) -> str:
    """Hex of the hash of a text's bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def pool_hash(pool: Iterable[str]) -> str:
    """The hash of the ids that may be drawn: sorted, one a line."""
    return sha256("".join(f"{one}\n" for one in sorted(pool)))


def exclusions_hash(exclusions: Iterable[Excluded]) -> str:
    """The hash of who was left out and why: sorted by id, one a line."""
    lines = sorted(f"{one['id']} {one['reason']}\n" for one in exclusions)
    return sha256("".join(lines))


def quotas_hash(quotas: Iterable[Quota]) -> str:
    """The hash of what is to be taken: in the quotas' order, one a line, the ids of each sorted."""
    return sha256(
        "".join(f"{' '.join([one['name'], str(one['number']), *sorted(one['of'])])}\n" for one in quotas)
    )


def commitment(draw_id: str, name: str, value: str) -> str:
    """What a contributor publishes before anybody shows a value."""
    return sha256(f"bidseal/v1/draw-commit\n{draw_id}\n{name}\n{value}")


def seed(draw_id: str, pool: str, reveals: Mapping[str, str]) -> str:
    """The seed of a draw from its pool's hash and all revealed values, in the order of the contributors' names."""
    values = "".join(reveals[name] for name in sorted(reveals))
    return sha256(f"bidseal/v1/draw-seed\n{draw_id}\n{pool}{values}")


def ticket(drawn_seed: str, one: str) -> str:
    """The ticket of one id: the smaller comes first."""
    return sha256(f"bidseal/v1/ticket\n{drawn_seed}\n{one}")


def order(drawn_seed: str, pool: Iterable[str]) -> list[Ticket]:
    """All ids of the pool with their tickets, the first first."""
    tickets = [Ticket(id=one, ticket=ticket(drawn_seed, one)) for one in pool]
    return sorted(tickets, key=lambda one: one["ticket"])


def take(tickets: Sequence[Ticket], quotas: Sequence[Quota], declines: Sequence[Decline] = ()) -> list[Taken]:
    """Who is taken: each quota in turn takes the first free ones; a decliner gives way to the next of its quota.

    Declines are followed in their order, so who was taken once keeps the place. A quota whose ids are used up stays
    short.
    """
    places = {one["id"]: place for place, one in enumerate(tickets)}
    queues = [iter(sorted(places.keys() & set(one["of"]), key=places.__getitem__)) for one in quotas]
    seated: set[str] = set()
    gone: set[str] = set()
    taken: list[Taken] = []

    def fill(quota: Quota, queue: Iterator[str]) -> bool:
        """Seat the next of a queue; who was passed over there is seated elsewhere or gone, and never comes back."""
        found = next((one for one in queue if one not in seated and one not in gone), None)
        if found is None:
            return False
        seated.add(found)
        taken.append(Taken(quota=quota["name"], id=found))
        return True

    for quota, queue in zip(quotas, queues, strict=True):
        for _ in range(quota["number"]):
            if not fill(quota, queue):
                break
    by_name = {one["name"]: (one, queue) for one, queue in zip(quotas, queues, strict=True)}
    for decline in declines:
        gone.add(decline["id"])
        left = [one for one in taken if one["id"] == decline["id"]]
        taken = [one for one in taken if one["id"] != decline["id"]]
        for one in left:
            fill(*by_name[one["quota"]])
    return taken


def canonical(document: Document) -> bytes:
    """The one spelling of a document: members by name, no spaces, one line."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()


def read(raw: bytes) -> Document:
    """The document in these bytes; `NotADraw` for anything but its one spelling."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotADraw("JSON") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise NotADraw("schema")
    _shaped(found, Document, "draw")
    document: Document = found  # type: ignore[assignment]  # _shaped has just looked at every member
    if canonical(document) != raw:
        raise NotADraw("JSON")
    return document


def _is_id(value: object) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and HEX.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    return type(value) is int and 0 < value <= MOST


_HASHES = frozenset({"pool_hash", "exclusions_hash", "quotas_hash", "seed", "commitment", "reveal", "ticket"})
_ROWS: Mapping[str, Any] = {
    "exclusions": Excluded,
    "quotas": Quota,
    "contributors": Contribution,
    "tickets": Ticket,
    "declines": Decline,
    "taken": Taken,
}


def _shaped(found: object, kind: Any, place: str) -> None:
    """`NotADraw` naming the first member that is missing, too many or of another form."""
    if not isinstance(found, dict) or set(found) != set(kind.__annotations__):
        raise NotADraw(place)
    for name, value in found.items():
        where = f"{place}.{name}"
        if name in _ROWS or name in ("pool", "of"):
            if not isinstance(value, list):
                raise NotADraw(where)
            for number, one in enumerate(value):
                if name in _ROWS:
                    _shaped(one, _ROWS[name], f"{where}[{number}]")
                elif not _is_id(one):
                    raise NotADraw(f"{where}[{number}]")
        elif name == "schema":
            continue  # compared before
        elif not (_is_hash if name in _HASHES else _is_number if name == "number" else _is_id)(value):
            raise NotADraw(where)


@dataclass(frozen=True, slots=True)
class Check:
    """One step of a replay: which (`code`), about what, and whether it holds."""

    code: str
    about: str
    holds: bool


def verify(document: Document) -> list[Check]:
    """Compute the draw again, step by step; all steps are told, also after one that does not hold."""
    d = document
    names = [one["name"] for one in d["contributors"]]
    pool = set(d["pool"])
    checks = [
        Check("purpose", d["purpose"], d["purpose"] in LAWFUL.get(d["regime"], frozenset())),
        Check("pool", d["pool_hash"], d["pool"] == sorted(pool) and pool_hash(pool) == d["pool_hash"]),
        Check("exclusions", d["exclusions_hash"], _exclusions_hold(d, pool)),
        Check("quotas", d["quotas_hash"], _quotas_hold(d, pool)),
        Check(
            "contributors",
            " ".join(names),
            names == sorted(set(names)) and len(names) >= LEAST_CONTRIBUTORS,
        ),
    ]
    checks += [
        Check(
            "commitment",
            one["name"],
            commitment(d["draw_id"], one["name"], one["reveal"]) == one["commitment"],
        )
        for one in d["contributors"]
    ]
    drawn = seed(d["draw_id"], d["pool_hash"], {one["name"]: one["reveal"] for one in d["contributors"]})
    checks += [
        Check("seed", d["seed"], drawn == d["seed"]),
        Check("tickets", str(len(d["tickets"])), order(d["seed"], d["pool"]) == d["tickets"]),
        Check("taken", str(len(d["taken"])), take(d["tickets"], d["quotas"], d["declines"]) == d["taken"]),
    ]
    return checks


def _exclusions_hold(d: Document, pool: set[str]) -> bool:
    apart = not pool & {one["id"] for one in d["exclusions"]}
    return apart and exclusions_hash(d["exclusions"]) == d["exclusions_hash"]


def _quotas_hold(d: Document, pool: set[str]) -> bool:
    names = [one["name"] for one in d["quotas"]]
    inside = all(pool >= set(one["of"]) for one in d["quotas"])
    return inside and len(names) == len(set(names)) and quotas_hash(d["quotas"]) == d["quotas_hash"]
