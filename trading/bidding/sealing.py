"""The bidder's side: seal a bid for a lot as its signed key manifest says."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from cryptography import x509

from bidding_docs import sealing as bs1
from bidding_docs.consortium import CONSORTIUM_FILE
from bidding_docs.summary import SUMMARY_FILE, SUMMARY_PART, Form, write
from govcore.dsse import CertificateSigner
from govcore.i18n.catalogue import LANGUAGES, Catalogue
from trading.bidding import consortium
from trading.bidding.limits import check_files
from trading.bidding.schemas import Limits
from trading.client import Client, Refused
from trading.tender.schemas import TenderContent
from trading.tender.signing import verified_manifest

LOT_FILE = "lot.json"

ENDS_EARLY = (
    "Your certificate ends before the opening. "
    "The bid stays valid, but make a new key if you may have to sign again."
)

Files = dict[str, list[tuple[str, Path]]]


class SealedFor(msgspec.Struct, frozen=True):
    """Which lot a sealed folder is for."""

    lot_id: str


class _MyBid(msgspec.Struct, frozen=True):
    seq: int
    manifest_sha256: str


def files_by_part(given: Sequence[str]) -> Files:
    """`PART=FILE` arguments as files by part, each under its own name in Unicode's form NFC."""
    found: Files = {}
    for one in given:
        part, separator, name = one.partition("=")
        path = Path(name)
        if not separator or not path.is_file():
            raise click.BadParameter(f"{one}: write PART=FILE with a file that exists")
        found.setdefault(part, []).append((unicodedata.normalize("NFC", path.name), path))
    return found


def warnings(client: Client, certificate: x509.Certificate, lot: str) -> list[str]:
    """What the page that seals says too, in each language, when the certificate ends before the lot's opening."""
    tender = client.get(f"/api/lots/{lot}/tender")
    [opens] = [one["opening_at"] for one in tender["lots"] if one["id"] == lot]
    if opens is None or certificate.not_valid_after_utc > datetime.fromisoformat(opens):
        return []
    catalogue = Catalogue.load([Path(__file__).parent / "locale"])
    return [catalogue.translator(language)(ENDS_EARLY) for language in LANGUAGES]


def seal(
    client: Client,
    signer: CertificateSigner,
    authority: x509.Certificate,
    lot: str,
    *,
    files: Files,
    summary: bytes,
    out: Path,
    passphrase: str,
    progress: Callable[[int], None],
    members: bytes | None = None,
) -> str:
    """Seal into the new folder `out` and return the manifest's digest; nothing is sent.

    The tender's limits are checked before anything is encrypted. `members` is the signed list of a consortium.
    """
    limits = msgspec.convert(client.get(f"/api/lots/{lot}/limits"), Limits)
    check_files(
        {part: [(name, path.stat().st_size) for name, path in chosen] for part, chosen in files.items()},
        limits,
    )
    me = client.get("/api/session")
    last = last_bid(client, lot)
    answers = {part: [(SUMMARY_FILE, data)] for part, data in _answers(client, lot, summary).items()}
    if members is not None:
        answers[SUMMARY_PART].append((CONSORTIUM_FILE, consortium.checked(members, lot=lot, lead=me["uscc"])))
    sealed = bs1.seal_bid(
        key_manifest=verified_manifest(client, lot, authority),
        parts={
            **files,
            **{part: [*own, *files.get(part, [])] for part, own in answers.items()},
        },
        summary=None,
        bidder_id=me["uscc"],
        cert=signer.certificate,
        signer=signer,
        seq=last.seq + 1 if last else 1,
        supersedes=last.manifest_sha256 if last else None,
        out_dir=out,
        passphrase=passphrase,
        progress=progress,
        self_test=True,
    )
    (out / LOT_FILE).write_bytes(msgspec.json.encode(SealedFor(lot)))
    return sealed.manifest_sha256


def last_bid(client: Client, lot: str) -> _MyBid | None:
    """One's own last message in a lot, or nothing."""
    try:
        return msgspec.convert(client.get(f"/api/lots/{lot}/my-bid"), _MyBid)
    except Refused as refused:
        if refused.problem.get("status") == 404:
            return None
        raise


def _answers(client: Client, lot: str, raw: bytes) -> dict[str, bytes]:
    """The answers in the one spelling of the tender's published forms, by the part that holds them."""
    tender: dict[str, Any] = client.get(f"/api/lots/{lot}/tender")
    forms = msgspec.convert(tender["content"], TenderContent).forms()
    given = msgspec.json.decode(raw, type=dict[str, str | int])
    later = {field.id for part, form in forms.items() if part != SUMMARY_PART for field in form.fields}
    return {
        part: write(form, {name: value for name, value in given.items() if _belongs(name, part, form, later)})
        for part, form in forms.items()
    }


def _belongs(name: str, part: str, form: Form, later: set[str]) -> bool:
    """A field of a later envelope goes there; every other goes into the summary, which refuses what it does not ask."""
    return name not in later if part == SUMMARY_PART else name in {field.id for field in form.fields}
