"""Evaluation bundles: all that a result was computed from in one JSON document, in a full and a public form.

Standard library only: whoever checks a bundle loads nothing but this, `recompute` and the scoring.
`docs/guide/recompute-a-result.md` says the same in words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypedDict

SCHEMA = "evaluation-bundle/1"
PUBLISHED_SCHEMA = "published/1"
SIGNATURES_SCHEMA = "signatures/1"

Document = dict[str, Any]


class Form(StrEnum):
    """How much a bundle tells: `full` for the tenderer, the regulator and the archive, `public` for everybody.

    `signed` is the full one with what its members signed: for the regulator and the archive alone, for whoever has
    the signatures of several evaluations can tell which seats were one person's.
    """

    FULL = "full"
    SIGNED = "signed"
    PUBLIC = "public"


COMPUTED = ("tender_file", "opening", "sheets", "result")
"""What the result was computed from, and itself."""

PARTS: Mapping[Form, tuple[str, ...]] = {
    Form.FULL: COMPUTED,
    Form.SIGNED: (*COMPUTED, "signatures"),
    Form.PUBLIC: ("tender_file", "opening", "published"),
}


class Withheld(StrEnum):
    """What bore on the prices of valid bids and is not public: with it, their points cannot be followed outside."""

    CORRECTIONS = "corrections"
    POLICIES = "policies"
    ADJUSTMENTS = "adjustments"


class About(TypedDict):
    """Of which lot and evaluation this is the result."""

    tender: str
    lot: str
    lot_id: str
    evaluation: int


class Released(TypedDict):
    """The version of the tender documents in force; its data file holds the tender file of each lot."""

    version: int
    manifest_sha256: str
    data_sha256: str


class LogEntry(TypedDict):
    """An entry of the log about this lot: its event, and the leaf by which it is found there."""

    event: str
    leaf: str


class Bundle(TypedDict):
    """The file. `sha256` holds the hash of each document, `digest` that of everything but itself."""

    schema: str
    form: str
    about: About
    released: Released | None
    documents: dict[str, Document]
    sha256: dict[str, str]
    log: list[LogEntry]
    digest: str


class NotABundle(ValueError):
    """The file is no evaluation bundle; the text names the place."""


def canonical(document: Mapping[str, Any]) -> bytes:
    """The one spelling of a document: members by name, no spaces, one line."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()


def sha256_of(document: Mapping[str, Any]) -> str:
    """Hex of the hash of a document's one spelling."""
    return hashlib.sha256(canonical(document)).hexdigest()


def digest_of(bundle: Bundle) -> str:
    """What `digest` must be."""
    return sha256_of({name: value for name, value in bundle.items() if name != "digest"})


def full(
    documents: Mapping[str, Document],
    *,
    about: About,
    released: Released | None,
    log: Sequence[LogEntry],
) -> Bundle:
    """The form for those who may see the sheets; members appear by their numbers only."""
    return _bundle(Form.FULL, documents, about=about, released=released, log=log)


def signed(bundle: Bundle, signatures: Document) -> Bundle:
    """A full bundle with `signatures/1` beside its documents."""
    return _bundle(
        Form.SIGNED,
        bundle["documents"] | {"signatures": signatures},
        about=bundle["about"],
        released=bundle["released"],
        log=bundle["log"],
    )


def public(bundle: Bundle) -> Bundle:
    """What 招标投标法 art. 44 and 政府采购法实施条例 art. 40 leave to publish of a full bundle.

    Prices read out, values drawn, benchmark, totals and ranks stay; sheets, statements, reasons and the points of a
    section go, and with them the hashes of what is gone: a few scores could be guessed from their hash.
    """
    documents = bundle["documents"]
    return _bundle(
        Form.PUBLIC,
        {
            "tender_file": documents["tender_file"],
            "opening": _read_out(documents["opening"]),
            "published": _published(documents),
        },
        about=bundle["about"],
        released=bundle["released"],
        log=bundle["log"],
    )


def _bundle(
    form: Form,
    documents: Mapping[str, Document],
    *,
    about: About,
    released: Released | None,
    log: Sequence[LogEntry],
) -> Bundle:
    bundle = Bundle(
        schema=SCHEMA,
        form=form.value,
        about=about,
        released=released,
        documents=dict(documents),
        sha256={name: sha256_of(document) for name, document in documents.items()},
        log=list(log),
        digest="",
    )
    bundle["digest"] = digest_of(bundle)
    return bundle


def _read_out(opening: Document) -> Document:
    """The opening as it was told in the hall: no statements, no brands."""
    bids = [{"id": bid["id"], "price": bid["price"], "brand": None} for bid in opening["bids"]]
    return opening | {"bids": bids}


def _published(documents: Mapping[str, Document]) -> Document:
    """The result as notices tell it: a rejected bid's reason is its bidder's business."""
    result = documents["result"]
    shown = ("bid", "state", "rank", "tied", "total")
    return {
        "schema": PUBLISHED_SCHEMA,
        "valid": result["valid"],
        "enough": result["enough"],
        "benchmark": result["benchmark"],
        "standings": [{name: row[name] for name in shown} for row in result["standings"]],
        "candidates": result["candidates"],
        "withheld": withheld(documents),
    }


def withheld(documents: Mapping[str, Document]) -> list[str]:
    """What of `Withheld` some valid bid's price went through."""
    reviews = documents["sheets"]["reviews"]
    rate = documents["tender_file"]["price_kind"] == "rate"
    read_out = {bid["id"]: bid["price"] for bid in documents["opening"]["bids"]}
    found = set()
    for row in documents["result"]["standings"]:
        if row["state"] == "invalid":
            continue
        review = reviews[row["bid"]]
        if not rate and Fraction(row["corrected"]) != Fraction(read_out[row["bid"]]):
            found.add(Withheld.CORRECTIONS)
        if review["policies"]:
            found.add(Withheld.POLICIES)
        if any(Fraction(quantity) for quantity in review["adjustments"].values()):
            found.add(Withheld.ADJUSTMENTS)
    return sorted(found)


def read(raw: bytes) -> Bundle:
    """The bundle in these bytes; `NotABundle` for anything but its one spelling."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NotABundle("JSON") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise NotABundle("schema")
    if set(found) != set(Bundle.__annotations__):
        raise NotABundle("members")
    if found["form"] not in set(Form):
        raise NotABundle("form")
    parts = set(PARTS[Form(found["form"])])
    for name in ("documents", "sha256"):
        if not isinstance(found[name], dict) or set(found[name]) != parts:
            raise NotABundle(name)
    if not all(isinstance(document, dict) for document in found["documents"].values()):
        raise NotABundle("documents")
    try:
        spelt = canonical(found)
    except (ValueError, RecursionError) as error:
        raise NotABundle("JSON") from error
    if spelt != raw:
        raise NotABundle("JSON")
    bundle: Bundle = found  # type: ignore[assignment]  # the members are all there, and their contents checked later
    return bundle
