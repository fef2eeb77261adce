"""A published tender with keys, custodians and bidders, ready to seal, submit, close, release and read out.

Everybody acts through the JSON API with real certificates and real ciphertext; only the sweeps are called here
instead of waiting for beat. `http` is a test client or a client of a running site.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
from cryptography import x509
from scene_city import (
    BIDDERS,
    SEATS,
    Published,
    answers,
    ordinary_content,
    publish,
)
from sqlalchemy import update

from bidding_docs import dsse, summary
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.consortium import CONSORTIUM_FILE
from bidding_docs.sealing import SealedBid, seal_bid
from bidding_docs.suites import SuiteId
from govcore import clock
from govcore.audit import cosigning
from govcore.dsse import CertificateSigner
from govcore.identity.models import SignInSession
from govcore.identity.policy import ASVS
from govcore.platform import Platform
from trading.bidding import sending
from trading.client import Client
from trading.opening import closing, gate, queries, reading, records, tasks, verification
from trading.opening.models import Opening
from trading.opening.schemas import Bundle
from trading.tender.schemas import TenderContent
from trading.tender.signing import verified_manifest

PASSPHRASE = "correct horse battery staple"


class Person(Client):
    """Somebody's signed-in session over any HTTP client; raises `Refused` for every problem."""

    def __init__(self, http: httpx.Client, token: str, *, language: str = "zh_CN") -> None:
        self._http = http
        self._cookie = f"session={token}; lang={language}"

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**options.pop("headers", {}), "cookie": self._cookie}
        return super().call(method, path, headers=headers, **options)


@dataclass
class Scene:
    """The tender, its people by name, and what each of them would do."""

    platform: Platform
    http: httpx.Client
    folder: Path
    city: Published
    sealed: dict[str, SealedBid] = field(default_factory=dict)
    """The bids that were submitted before a test began with this scene."""

    @property
    def lot(self) -> str:
        return self.city.lots[0]

    def person(self, name: str, *, language: str = "zh_CN") -> Person:
        return Person(self.http, self.city.tokens[name], language=language)

    def uscc(self, bidder: str) -> str:
        return str(self.person(bidder).get("/api/session")["uscc"])

    # the bidders' side

    def key_manifest(self, lot: str | None = None) -> dsse.Signed[m.KeyManifest]:
        return verified_manifest(self.person("agency"), lot or self.lot, self.authority())

    def authority(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.person("agency").call("GET", "/api/authority").content)

    def seal(
        self,
        bidder: str,
        *,
        lot: str | None = None,
        price_fen: int = 10_000_000_00,
        after: SealedBid | None = None,
        signer: CertificateSigner | None = None,
        values: bytes | None = None,
        files: Sequence[tuple[str, Path]] = (),
        more: Mapping[str, Sequence[tuple[str, Path]]] = {},
        members: bytes | None = None,
    ) -> SealedBid:
        """A sealed bid in a folder of its own; `after` is the bid that it replaces, `members` a consortium's list.

        `files` are those of the technical part, `more` those of parts that only this tender asks for.
        """
        home = self.folder / f"{bidder}-{secrets.token_hex(4)}"
        home.mkdir(parents=True)
        plan = home / "方案.txt"
        plan.write_text(f"{bidder} 的施工组织设计", encoding="utf-8")
        signer = signer or self.city.signers[bidder]
        summaries = self._summaries(lot, answers(price_fen) if values is None else values)
        if members is not None:
            summaries["summary"].append((CONSORTIUM_FILE, members))
        manifest = self.key_manifest(lot)
        parts: dict[str, Any] = {
            "deposit": [("deposit.json", b'{"form":"cash"}')],
            "technical": files or [("方案.txt", plan)],
            **more,
            **summaries,
        }
        asked = {part.id for part in manifest.document.parts}
        sealed = seal_bid(
            key_manifest=manifest,
            parts={name: files for name, files in parts.items() if name in asked},
            summary=None,
            bidder_id=self.uscc(bidder),
            cert=signer.certificate,
            signer=signer,
            seq=after.manifest.seq + 1 if after else 1,
            supersedes=after.manifest_sha256 if after else None,
            out_dir=home / "sealed",
            passphrase=PASSPHRASE,
            work_factor=1,
        )
        (sealed.folder / "lot.json").write_bytes(msgspec.json.encode({"lot_id": lot or self.lot}))
        return sealed

    def _summaries(self, lot: str | None, values: bytes) -> dict[str, list[tuple[str, bytes | Path]]]:
        """The answers by envelope: as they are for one, split by the tender's forms for two."""
        tender = self.person("agency").get(f"/api/lots/{lot or self.lot}/tender")
        forms = msgspec.convert(tender["content"], TenderContent).forms()
        if len(forms) == 1:
            return {"summary": [("summary.json", values)]}
        given = msgspec.json.decode(values)
        return {
            part: [
                (
                    "summary.json",
                    summary.write(form, {f.id: given[f.id] for f in form.fields}),
                )
            ]
            for part, form in forms.items()
        }

    def upload(self, bidder: str, sealed: SealedBid, *, lot: str | None = None) -> str:
        """Send the ciphertext as the command line does; the upload's id."""
        return sending._upload(self.person(bidder), sealed.folder, lot or self.lot, sealed.manifest)

    def submit(self, bidder: str, sealed: SealedBid, *, lot: str | None = None) -> bytes:
        """Upload and submit; the exact bytes of the receipt."""
        sending.submit(self.person(bidder), sealed.folder, lot=lot)
        return (sealed.folder / sending.RECEIPT).read_bytes()

    def submit_all(self, *bidders: str, lot: str | None = None) -> dict[str, SealedBid]:
        """One bid of each, cheaper the later they come."""
        sealed = {}
        for n, bidder in enumerate(bidders or BIDDERS[:3]):
            sealed[bidder] = self.seal(bidder, lot=lot, price_fen=10_000_000_00 - n * 100_000_00)
            self.submit(bidder, sealed[bidder], lot=lot)
        return sealed

    def withdraw(self, bidder: str, last: SealedBid) -> bytes:
        receipt = self.folder / f"{bidder}-withdrawal.json"
        sending.withdraw(self.person(bidder), self.city.signers[bidder], last.manifest.lot_id, receipt)
        return receipt.read_bytes()

    # the clock, the sweeps and the custodians

    def move_clock(self, **delta: float) -> None:
        """Move this process's legal clock forward."""
        info = self.platform.db.info
        info["clock_offset"] = info.get("clock_offset", timedelta(0)) + timedelta(**delta)
        self.keep_signed_in()

    def keep_signed_in(self) -> None:
        """Everybody's session lasts and is fresh, as if they had been at work and had just proved who they are."""
        with self.platform.db.transaction() as tx:
            at = clock.now(tx)
            busy = dict.fromkeys(("proved_at", "seen_at"), at)
            ends = dict.fromkeys(("idle_ends_at", "ends_at"), at + ASVS.lifetime)
            tx.execute(update(SignInSession).values(**busy, **ends))

    def close(self, lot: str | None = None) -> None:
        """Let the deadline pass and the sweep close the lot."""
        self.move_clock(hours=1)
        tasks.close_one(self.platform, lot or self.lot)

    def check_seals(self, lot: str | None = None) -> list[str]:
        """Let the check of the seals pass and hash the store again; the damaged objects."""
        self.move_clock(seconds=3)
        return verification.verify_store(self.platform, lot or self.lot)

    def share_release(self, index: int, *, lot: str | None = None) -> m.ShareRelease:
        """What custodian `index` finds in its capsules, unsigned."""
        lot = lot or self.lot
        person = self.person(SEATS[index - 1])
        bundle = msgspec.convert(person.get(f"/api/lots/{lot}/bundle"), Bundle)
        event = bundle.closed_event.encode()
        data = msgspec.json.decode(event)["data"]
        checked = bs1.Closing(
            key_manifest=self.key_manifest(lot),
            tender_closed_sha256=m.digest(event),
            bids_root=data["bids_root"],
            authorities=[self.authority()],
            closed_at=self.now(),
            passed=self._passed(bundle, event),
        )
        bids = [
            bs1.ClosedBid(
                one.envelope.encode(),
                x509.load_der_x509_certificate(one.certificate),
                {capsule.part: capsule.data for capsule in one.capsules},
            )
            for one in bundle.bids
        ]
        identity_ = self.city.identities[lot, index, bundle.opens]
        return bs1.open_custodian_capsules(checked, bids, index=index, opens=bundle.opens, identity=identity_)

    def _passed(self, bundle: Bundle, closed: bytes) -> tuple[str, ...] | None:
        if bundle.stage_event is None:
            return None
        rules = self.key_manifest(bundle_lot(closed)).document
        fixed = bundle.stage_event.encode()
        return bs1.bids_that_passed(fixed, rules, tender_closed_sha256=m.digest(closed))

    def hand_in(self, index: int, body: m.ShareRelease, *, lot: str | None = None) -> None:
        """Sign a release with custodian `index`'s certificate and hand it in."""
        raw = dsse.sign_document(body, [self.city.signers[SEATS[index - 1]]])
        message = {"envelope": raw.decode()}
        self.person(SEATS[index - 1]).post(f"/api/lots/{lot or self.lot}/share-releases", message)

    def release(self, *indexes: int, lot: str | None = None) -> None:
        for index in indexes:
            self.hand_in(index, self.share_release(index, lot=lot), lot=lot)

    def open_gate(self, lot: str | None = None) -> bool:
        """Let the log show what happened, then ask the gate."""
        self.write_log()
        with self.platform.db.read() as tx:
            opens = queries.present_stage(tx, lot or self.lot)
        return gate.open_gate(self.platform, lot or self.lot, opens=opens)

    def write_log(self) -> None:
        """An instant of the log that holds everything so far, cosigned where a witness is required."""
        with self.platform.db.transaction() as tx:
            closing.drain_log(tx, self.platform, at=clock.now(tx))
        cosigning.cosign(self.platform)

    def read_out(self, lot: str | None = None) -> None:
        reading.read_bids(self.platform, lot or self.lot)

    def write_record(self, lot: str | None = None) -> None:
        """Let the time for objections and confirmations pass and write the record."""
        self.move_clock(seconds=10)
        records.write_record(self.platform, lot or self.lot)

    def lengthen_check(self, minutes: int = 10) -> None:
        """Let bidders check the seals longer than the demo's two seconds: a slow machine takes them for one request."""
        with self.platform.db.transaction() as tx:
            opening = tx.get_one(Opening, self.lot)
            opening.seal_check_until += timedelta(minutes=minutes)
            opening.release_until += timedelta(minutes=minutes)

    def open_all(self, *indexes: int) -> dict[str, Any]:
        """From the deadline to the record; the opening as everybody sees it."""
        self.close()
        self.check_seals()
        self.release(*(indexes or (1, 3)))
        assert self.open_gate()
        self.read_out()
        self.write_record()
        return self.hall()

    def hall(self, lot: str | None = None) -> dict[str, Any]:
        shown: dict[str, Any] = self.person("agency").get(f"/api/lots/{lot or self.lot}/opening")
        return shown

    def now(self) -> datetime:
        with self.platform.db.read() as tx:
            return clock.now(tx)


def build(
    platform: Platform,
    http: httpx.Client,
    folder: Path,
    *,
    lots: int = 2,
    seconds: float = 3600,
    suite: SuiteId = "bs1",
    rule_set: str = "demo",
    content: TenderContent | None = None,
) -> Scene:
    """The scene over `http`, with the deadline `seconds` ahead."""
    content = content or ordinary_content(suite)
    city = publish(platform, lots=lots, seconds=seconds, content=content, rule_set=rule_set)
    return Scene(platform, http, folder, city)


def bundle_lot(closed: bytes) -> str:
    lot: str = msgspec.json.decode(closed)["subject"]
    return lot
