"""The six bidders: their files, guarantee letters, and the commands they run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from govcore.dsse import CertificateSigner
from guarantees.checks import GuarantorKind
from guarantees.letter import (
    PDF_NAME,
    SIGNED_NAME,
    Guarantor,
    Letter,
    Party,
    issue_letter,
    standard_claim_documents,
    standard_wording,
)
from guarantees.paper import letter_pdf
from trading.demo.city import ORGANISATIONS, City
from trading.demo.files import write_bid_files
from trading.demo.processes import CommandLine

YUAN = 100
PRICES = {1: 9_850_000, 2: 10_120_000, 3: 9_960_000, 4: 10_450_000, 5: 10_200_000, 6: 9_300_000}
REPLACED_PRICE = 9_780_000
SIZES = {1: 60, 2: 24, 3: 12, 4: 6, 5: 2, 6: 1}
"""Of each bidder's largest file, in MB."""


@dataclass(frozen=True, slots=True)
class LotRef:
    tender_id: str
    id: str
    project_name: str
    name: str
    deposit_fen: int


@dataclass(frozen=True, slots=True)
class Bidders:
    """Works in a folder of its own, one subfolder a bidder."""

    city: City
    cli: CommandLine
    folder: Path
    guarantor: CertificateSigner

    def prepare(self) -> Iterator[int]:
        """Write everybody's files and get everybody's certificate; yields as each is done."""
        with ThreadPoolExecutor(2) as pool:
            yield from pool.map(self._prepare_one, PRICES)

    def _prepare_one(self, n: int) -> int:
        self.cli.run("bid", "enrol", "--keys", self.keys(n), user=f"bidder-{n}")
        price = PRICES[n] * YUAN
        bidder = ORGANISATIONS[f"bidder-{n}"]
        write_bid_files(self.home(n), bidder=bidder, price_fen=price, megabytes=SIZES[n], seed=n)
        return n

    def home(self, n: int) -> Path:
        return self.folder / f"bidder-{n}"

    def keys(self, n: int) -> Path:
        return self.home(n) / "keys"

    def seal(self, n: int, lot: LotRef, *, price_yuan: int | None = None, name: str = "bid") -> Path:
        """`trading bid seal`: the bid, encrypted on the bidder's own side."""
        price = (price_yuan or PRICES[n]) * YUAN
        summary = self.home(n) / f"{name}-summary.json"
        summary.write_text(json.dumps(_summary(n, price), ensure_ascii=False))
        out = self.home(n) / name
        parts = [f"deposit={path}" for path in self._deposit_files(n, lot, name)]
        parts += [f"commercial={path}" for path in sorted((self.home(n) / "商务").iterdir())]
        parts += [f"technical={path}" for path in sorted((self.home(n) / "技术").iterdir())]
        options: list[str | Path] = ["--keys", self.keys(n), "--summary", summary, "--out", out]
        for part in parts:
            options += ["--part", part]
        self.cli.run("bid", "seal", lot.id, *options, user=f"bidder-{n}")
        return out

    def submit(self, n: int, sealed: Path, *, lot: LotRef | None = None) -> dict[str, Any]:
        """`trading bid submit`: the signed receipt, or the problem with its signed refusal."""
        target = ["--lot", lot.id] if lot else []
        done = self.cli.run("bid", "submit", sealed, *target, user=f"bidder-{n}", check=False)
        answer = sealed / ("receipt.json" if done.returncode == 0 else "refusal.json")
        if not answer.exists():
            raise RuntimeError(f"bidder {n}: {done.stderr.strip()}")
        return {"accepted": done.returncode == 0, "message": done.stderr.strip(), "file": answer}

    def bid_all(self, numbers: Iterable[int], lot: LotRef) -> Iterator[tuple[int, Path, dict[str, Any]]]:
        """Let these bidders seal and submit, two at a time; yields the sealed bid and the answer as it comes."""

        def one(n: int) -> tuple[int, Path, dict[str, Any]]:
            sealed = self.seal(n, lot)
            return n, sealed, self.submit(n, sealed)

        with ThreadPoolExecutor(2) as pool:
            yield from pool.map(one, numbers)

    def withdraw(self, n: int, lot: LotRef) -> Path:
        receipt = self.home(n) / "withdrawal-receipt.json"
        options: list[str | Path] = ["--keys", self.keys(n), "--receipt", receipt]
        self.cli.run("bid", "withdraw", lot.id, *options, user=f"bidder-{n}")
        return receipt

    def check_seals(self, lot: LotRef, receipts: Mapping[int, Path]) -> bool:
        """`trading bid check-seals`: every bidder finds its own bid in the fixed set."""

        def check(n: int) -> bool:
            command = ("bid", "check-seals", lot.id, receipts[n])
            return self.cli.run(*command, user=f"bidder-{n}", check=False).returncode == 0

        with ThreadPoolExecutor(2) as pool:
            return all(pool.map(check, receipts))

    def _deposit_files(self, n: int, lot: LotRef, name: str) -> list[Path]:
        """A guarantee letter and its PDF; bidder 5 and the late one pay in cash and say so."""
        folder = self.home(n) / f"{name}-保证金"
        folder.mkdir(exist_ok=True)
        if n > 4:
            note = folder / "deposit.json"
            note.write_text(json.dumps({"form": "cash"}))
            return [note]
        raw = issue_letter(self._letter(n, lot), self.guarantor)
        signed, pdf = folder / SIGNED_NAME, folder / PDF_NAME
        signed.write_bytes(raw)
        pdf.write_bytes(letter_pdf(raw))
        return [signed, pdf]

    def _letter(self, n: int, lot: LotRef) -> Letter:
        bidder, tenderer = f"bidder-{n}", "tenderer"
        today = datetime.now(UTC).date()
        expiry = today + timedelta(days=150)
        return Letter(
            v=1,
            guarantee_no=f"YT-BH-{today.year}-{lot.id[:4].upper()}-{n:03d}",
            guarantor=Guarantor(ORGANISATIONS["guarantor"], self.city.usccs["guarantor"], GuarantorKind.BANK),
            beneficiary=Party(ORGANISATIONS[tenderer], self.city.usccs[tenderer]),
            applicant=Party(ORGANISATIONS[bidder], self.city.usccs[bidder]),
            tender_id=lot.tender_id,
            lot_id=lot.id,
            project_name=lot.project_name,
            lot_name=lot.name,
            amount_fen=lot.deposit_fen,
            currency="CNY",
            effective_date=today - timedelta(days=1),
            expiry_date=expiry,
            first_demand=True,
            claim_documents=standard_claim_documents(),
            issued_at=datetime.now(UTC),
            wording=_wording(bidder, lot, expiry),
            certificate=self.guarantor.certificate.public_bytes(Encoding.DER),
        )


def _wording(bidder: str, lot: LotRef, expiry: date) -> str:
    return standard_wording(
        beneficiary=ORGANISATIONS["tenderer"],
        applicant=ORGANISATIONS[bidder],
        project_name=lot.project_name,
        lot_name=lot.name,
        amount_fen=lot.deposit_fen,
        expiry_date=expiry,
    )


def _summary(n: int, price_fen: int) -> dict[str, Any]:
    return {
        "price_fen": price_fen,
        "duration_days": 236 - n,
        "quality": "合格",
        "legal_representative": f"虚构法定代表人{n}",
        "manager": f"虚构项目负责人{n}",
        "manager_certificate": f"演示-ZJ-{n:05d}",
    }
