"""Every refusal of protocol bs1, with its HTTP status and the side that answers for it.

A bidder's fault means that the bid counts as revoked and its deposit is at risk; any other cause returns the
deposit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from govcore.errors import Problem

Fault = Literal["bidder", "custodian", "platform"]


class SealProblem(Problem):
    """A refusal of the sealing protocol; `fault` names who answers for it, None when nobody does."""

    fault: ClassVar[Fault | None] = None


class Unreadable(Exception):
    """A sealed file does not open; which code that is depends on whose file it is."""


class BadSchema(SealProblem):
    code = "E_SCHEMA"
    status = 422
    text = "The message is not of the documented form: {detail}"


class OverLimit(SealProblem):
    code = "E_LIMIT"
    status = 413
    text = "{what} is larger than the limit of {limit}."


class AgeProfile(SealProblem):
    code = "E_AGE_HEADER"
    status = 422
    text = "The file is not sealed as this tender asks: {detail}"


class WrongSize(SealProblem):
    code = "E_SIZE"
    status = 422
    text = "No complete sealed file is {size} bytes long; it was probably cut off."


class WrongHash(SealProblem):
    code = "E_HASH"
    status = 422
    text = "The received bytes of {what} differ from the hash in the bid manifest."


class ManifestSignature(SealProblem):
    code = "E_MANIFEST_SIG"
    status = 422
    text = "The signature does not fit the document: {detail}"


class BadCertificate(SealProblem):
    code = "E_CERT"
    status = 422
    text = "The certificate is not accepted: {detail}"


class CertificateUnknown(BadCertificate):
    code = "E_CERT_CHAIN"
    text = "The certificate was not issued by an authority that this site trusts for this."


class CertificateEarly(BadCertificate):
    code = "E_CERT_EARLY"
    text = "The certificate is not valid yet."


class CertificateEnded(BadCertificate):
    code = "E_CERT_ENDED"
    text = "The certificate has ended. Have a new one issued."


class CertificateRevoked(BadCertificate):
    code = "E_CERT_REVOKED"
    text = "The certificate was revoked."


class CertificateOfAnother(BadCertificate):
    code = "E_CERT_NAME"
    text = "The certificate speaks for another organisation than yours."


class WrongKeyManifest(SealProblem):
    code = "E_KEY_MANIFEST"
    status = 422
    text = "The bid was sealed for another tender, lot or round: {field} differs."


class DuplicateRecipient(SealProblem):
    code = "E_DUP_RECIPIENT"
    status = 422
    text = "The same encryption key is named twice."


class WrongSequence(SealProblem):
    code = "E_SEQ"
    status = 409
    text = "A bid with number {seq} cannot follow the last one received."


class Conflict(SealProblem):
    code = "E_CONFLICT"
    status = 409
    text = "The same request key was already used for another bid."


class Late(SealProblem):
    code = "E_LATE"
    status = 409
    text = "The deadline {deadline_at} has passed; the bid is not received."


class TooEarly(SealProblem):
    code = "E_TOO_EARLY"
    status = 409
    text = "Opening is not possible before {opening_at}."


class ContextMismatch(SealProblem):
    code = "E_CTX_MISMATCH"
    status = 409
    text = "The capsule belongs to another bid: {field} differs."
    fault = "bidder"


class BidderBadShare(SealProblem):
    code = "E_BIDDER_BAD_SHARE"
    status = 409
    text = "The capsule of {holder} opens, but its share is not the one the bidder committed to."
    fault = "bidder"


class CapsuleUnreadable(SealProblem):
    """Bidder's when supervision, with the key of that scope, finds the same; else the custodian's."""

    code = "E_CAPSULE_UNREADABLE"
    status = 409
    text = "The capsule of {holder} cannot be opened."
    fault = "bidder"


class BidderKeyMismatch(SealProblem):
    code = "E_BIDDER_KEY_MISMATCH"
    status = 409
    text = "The shares of part {part} give a key that does not open it."
    fault = "bidder"


class BadPayload(SealProblem):
    code = "E_PAYLOAD"
    status = 409
    text = "Part {part} does not decrypt: {detail}"
    fault = "bidder"


class BadContent(SealProblem):
    code = "E_CONTENT"
    status = 409
    text = "The content of the part is not of the published form: {detail}"
    fault = "bidder"


class BidderTimeout(SealProblem):
    """Bidder's unless an outage of the platform overlaps the window."""

    code = "E_BIDDER_TIMEOUT"
    status = 409
    text = "The bidder's share of part {part} did not arrive in its window."
    fault = "bidder"


class ShareCommit(SealProblem):
    code = "E_SHARE_COMMIT"
    status = 409
    text = "The share released by {holder} is not the one the bidder committed to."
    fault = "custodian"


class NoQuorum(SealProblem):
    code = "E_QUORUM"
    status = 409
    text = "{have} of the {need} custodians needed have released their shares."
    fault = "custodian"


class GateTime(SealProblem):
    """The hour has not come by the gate's own clock, or that clock and the log's witness differ."""

    code = "E_GATE_TIME"
    status = 409
    text = "The time gate keeps its keys until its clock shows {opening_at} and the log's witness agrees with it."
    fault = "platform"


class ClockSkew(SealProblem):
    code = "E_CLOCK_SKEW"
    status = 409
    text = "The clocks differ by {seconds} seconds; the opening waits until they agree."
    fault = "platform"


class GateKey(SealProblem):
    code = "E_GATE_KEY"
    status = 409
    text = "The time gate has not released its share, so part {part} stays sealed."
    fault = "platform"


class StoreHash(SealProblem):
    code = "E_STORE_HASH"
    status = 409
    text = "The stored bytes of {what} are no longer those the bidder handed in."
    fault = "platform"


class TooFewBids(SealProblem):
    """Fewer bids at the closing than the key manifest asks for: they stay sealed for ever (招标投标法 art. 28)."""

    code = "E_TOO_FEW_BIDS"
    status = 409
    text = "Only {count} bids were received in time: nothing is opened."


class SecondClosing(SealProblem):
    """The log holds two different closings of one lot and round: whoever wrote them wants another set of bids."""

    code = "E_SECOND_CLOSING"
    status = 409
    text = "The log closes this lot twice, differently; nothing is released."
    fault = "platform"


class SealObjection(SealProblem):
    code = "E_SEAL_OBJECTION"
    status = 409
    text = "An objection to the seals stands; nothing is released until it is decided."


class LotSuspended(SealProblem):
    """The log suspends the lot: the bids stay sealed until it says that it goes on (实施条例 art. 22, 62)."""

    code = "E_GATE_SUSPENDED"
    status = 409
    text = "The procedure is suspended; nothing is released until it goes on."


class LotGivenUp(SealProblem):
    """The log says that the lot was terminated or cancelled: its bids stay sealed for ever (实施条例 art. 31)."""

    code = "E_GATE_GIVEN_UP"
    status = 409
    text = "The lot was given up; nothing is ever released."


class BidsRoot(SealProblem):
    """A released or published set of bids is not the one that was closed."""

    code = "E_BIDS_ROOT"
    status = 409
    text = "The bids shown are not the set that was fixed at the closing."
    fault = "platform"


class PolicyRefused(SealProblem):
    code = "E_POLICY"
    status = 422
    text = "The key manifest is not allowed: {detail}"


class Unrecoverable(SealProblem):
    code = "E_RECOVERY"
    status = 422
    text = "The recovery file cannot be used: {detail}"


def _kinds(of: type[SealProblem]) -> Iterator[type[SealProblem]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


CODES: dict[str, type[SealProblem]] = {problem.code: problem for problem in _kinds(SealProblem)}
