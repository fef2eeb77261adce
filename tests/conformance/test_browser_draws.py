"""Draws in the browser and in Python: what one seals or signs, the other opens or reads."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bid_factories import NOW
from cryptography.hazmat.primitives.serialization import Encoding

from bidding_docs.encoding import b64encode as spelt
from bidding_docs.encoding import format_time
from govcore.certificates import authority as ca
from trading.draws import escrow, replay
from trading.draws.escrow import DrawKey

Js = Callable[..., Any]

VALUE = "0f" * 32
DRAW, NAME = "4f" * 16, "tenderer"
PLACE = {"draw_id": DRAW, "name": NAME}


def custodians() -> tuple[dict[int, bytes], dict[int, str]]:
    pairs = {seat: escrow.SUITE.generate() for seat in (1, 2, 3)}
    return {seat: one[0] for seat, one in pairs.items()}, {seat: one[1] for seat, one in pairs.items()}


def test_a_value_sealed_in_the_browser_is_opened_by_any_two_custodians_in_python(js: Js) -> None:
    identities, recipients = custodians()

    commitment, capsules = js(
        "const { value, draw, recipients } = given;"
        "const sealed = await bs1.escrowDraw(value, { ...draw, k: 2 }, new Map(recipients));"
        "return [await bs1.drawCommitment(draw.draw_id, draw.name, value),"
        "  [...sealed].map(([seat, bytes]) => [seat, bs1.base64(bytes)])]",
        {"value": VALUE, "draw": PLACE, "recipients": list(recipients.items())},
    )

    sealed = {seat: b64decode(data) for seat, data in capsules}
    proofs = {seat: escrow.prove(sealed[seat], identities[seat], custodian=seat, **PLACE) for seat in sealed}
    shares = {seat: escrow.proven(sealed[seat], proofs[seat], custodian=seat, **PLACE) for seat in sealed}
    assert commitment == replay.commitment(DRAW, NAME, VALUE)
    for left_out in sealed:
        two = {seat: share for seat, share in shares.items() if seat != left_out}
        assert escrow.recover(two, commitment=commitment, k=2, **PLACE) == VALUE


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"draw_id": "00" * 16}, "E_CTX_MISMATCH"),
        ({"name": "regulator"}, "E_CTX_MISMATCH"),
        ({"custodian": 2}, "E_CTX_MISMATCH"),
        ({"identity": spelt(b"\x01" * 32)}, "E_CAPSULE_UNREADABLE"),
    ],
)
def test_a_browser_shows_only_the_share_that_it_is_asked_for(
    js: Js, changed: dict[str, Any], code: str | None
) -> None:
    identities, recipients = custodians()
    sealed = escrow.seal(VALUE, recipients=recipients, k=2, token_bytes=os.urandom, **PLACE)[1]
    given = {"sealed": spelt(sealed), "identity": spelt(identities[1]), **PLACE, "custodian": 1, **changed}

    proof, refused = js(
        "const { sealed, identity, ...place } = given;"
        "const [file, key] = [bs1.unbase64(sealed), bs1.unbase64(identity)];"
        "try { return [bs1.base64(await bs1.proveDrawShare(file, key, place)), null] }"
        "catch (error) { return [null, error.code] }",
        given,
    )

    assert refused == code
    if code is None:
        assert b64decode(proof) == escrow.prove(sealed, identities[1], custodian=1, **PLACE)


def test_keys_for_draws_are_signed_and_read_alike(js: Js) -> None:
    authority, key = ca.new_authority(name="Register", at=NOW)
    _, recipient = escrow.SUITE.generate()
    request = js("globalThis.pair = await bs1.newSigningKey(); return bs1.certificateRequest(pair)")
    asked = ca.Issue(uscc="91371500MA00000011", name="长堤", at=NOW, until=NOW + timedelta(days=365))
    issued = ca.issue(ca.requested_key(request.encode()), asked, authority=authority, key_der=key)
    other, _ = ca.new_authority(name="Register", at=NOW)

    envelope, holder, refused, exchanged = js(
        "const signer = bs1.p256Signer(pair.privateKey, given.keyid);"
        "const envelope = await bs1.signDrawKey(given.recipient, new Date(given.at), signer);"
        "const certificate = bs1.unbase64(given.certificate);"
        "const read = (to, from) => bs1.readCertificate(bs1.fromPem(from))"
        "  .then((authority) => bs1.drawKeyHolder({ recipient: to, envelope, certificate }, authority))"
        "  .catch((error) => error.code);"
        "return [envelope, await read(given.recipient, given.authority), await read(given.recipient, given.other),"
        "  await read(given.exchanged, given.authority)]",
        {
            "keyid": ca.sha256_of(issued),
            "recipient": recipient,
            "exchanged": recipient[:-1] + ("q" if recipient[-1] != "q" else "p"),
            "at": NOW.isoformat(),
            "certificate": spelt(issued.public_bytes(Encoding.DER)),
            "authority": authority.public_bytes(Encoding.PEM).decode(),
            "other": other.public_bytes(Encoding.PEM).decode(),
        },
    )

    read = escrow.read_key(envelope.encode(), ca.sha256_of(issued), issued.public_key())
    assert read == DrawKey(cert_sha256=ca.sha256_of(issued), recipient=recipient, since=format_time(NOW))
    assert (holder, refused, exchanged) == ("长堤", "E_CERT", "E_CERT")
