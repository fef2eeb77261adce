"""Check what the members of an evaluation signed, from a signed bundle alone: with `cryptography`, without a site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from cryptography import x509

from bidding_docs.signing import public_key
from govcore import dsse
from govcore.certificates.authority import is_issued_by, sha256_of
from govcore.errors import Problem
from trading.evaluation.bundles import COMPUTED, Bundle, Document, Form
from trading.evaluation.entries import SHEET_TYPE
from trading.evaluation.policy import REPORT_TYPE
from trading.evaluation.recompute import MALFORMED, MOST_SAID, Check


def verify_signatures(bundle: Bundle, *, authority: bytes | None = None) -> list[Check]:
    """Each signature in a signed bundle, nothing in the other forms.

    Whether the certificates are a site's own is known only with its `authority` (PEM) from elsewhere. A fresh proof is
    the site's word: it is told, and cannot be checked.
    """
    if bundle["form"] != Form.SIGNED:
        return []
    try:
        return list(_checks(bundle, authority))
    except (*MALFORMED, Problem) as error:
        return [Check("malformed", repr(error)[:MOST_SAID], False)]


def _checks(bundle: Bundle, pinned: bytes | None) -> Iterator[Check]:
    signatures = bundle["documents"]["signatures"]
    certificates = {
        keyid: x509.load_pem_x509_certificate(pem.encode())
        for keyid, pem in signatures["certificates"].items()
    }
    if signatures["authority"] is not None:
        root = x509.load_pem_x509_certificate(signatures["authority"].encode())
        known = None if pinned is None else x509.load_pem_x509_certificate(pinned) == root
        yield Check("authority", sha256_of(root), known)
        for keyid, one in certificates.items():
            yield Check("certified", keyid, sha256_of(one) == keyid and is_issued_by(one, root))
    members = {row["id"]: row["scores"] for row in bundle["documents"]["sheets"]["members"]}
    yield Check("seats", str(len(members)), [row["id"] for row in signatures["members"]] == list(members))
    for row in signatures["members"]:
        id_, locked, said = row["id"], row["sheet"], row["report"]
        if locked["envelope"] is None:
            yield Check("sheet_proved", id_, None)
        else:
            signed = _signed(locked, SHEET_TYPE, certificates)
            yield Check(
                "sheet_signed", id_, signed is not None and _fits(bundle, locked, signed, id_, members)
            )
        if said is None:
            yield Check("report_silent", id_, None)
        elif said["envelope"] is None:
            yield Check("report_proved", id_, None)
        else:
            signed = _signed(said, REPORT_TYPE, certificates)
            yield Check("report_signed", id_, signed is not None and json.loads(signed) == _due(bundle, row))


def _signed(said: Document, payload_type: str, certificates: Mapping[str, x509.Certificate]) -> bytes | None:
    """The payload, where every certificate that it names signed it and was in force then; else nothing."""
    envelope = dsse.Envelope.decode(json.dumps(said["envelope"]).encode())
    signers = {one.keyid: certificates[one.keyid] for one in envelope.signatures}
    at = datetime.strptime(said["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if not all(one.not_valid_before_utc <= at < one.not_valid_after_utc for one in signers.values()):
        return None
    try:
        return dsse.verify(envelope, payload_type, {keyid: public_key(one) for keyid, one in signers.items()})
    except Problem:
        return None


def _fits(bundle: Bundle, locked: Document, signed: bytes, id_: str, members: Mapping[str, Document]) -> bool:
    """Whether these points are the bundle's; a bid that was rejected before the lock is on no sheet that was signed."""
    said, own = json.loads(signed), members[id_]
    whose = {name: said[name] for name in ("lot_id", "evaluation", "seat")}
    scores = {bid: row for bid, row in said["scores"].items() if row}
    standings = bundle["documents"]["result"]["standings"]
    rejected = {row["bid"] for row in standings if row["state"] == "invalid"}
    return (
        hashlib.sha256(signed).hexdigest() == locked["sha256"]
        and whose == _whose(bundle, id_)
        and all(own[bid] == row for bid, row in scores.items())
        and own.keys() - scores.keys() <= rejected
    )


def _due(bundle: Bundle, row: Document) -> Document:
    """What a member's statement about the report has to be."""
    return {
        "type": "report-signature",
        **_whose(bundle, row["id"]),
        "report_sha256": bundle["documents"]["signatures"]["report_sha256"],
        "documents": {name: bundle["sha256"][name] for name in COMPUTED},
        "dissent": row["report"]["dissent"],
    }


def _whose(bundle: Bundle, id_: str) -> Document:
    about = bundle["about"]
    return {
        "lot_id": about["lot_id"],
        "evaluation": about["evaluation"],
        "seat": int(id_.removeprefix("m")),
    }
