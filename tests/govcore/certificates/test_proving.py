"""Certificates of our own and of outside authorities: signing in, adding, sealing, and every kind that is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from certificate_factories import outside_authority
from clocks import move_clock
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from proving_city import City, Key, new_key
from sqlalchemy import select

from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.certificates.authority import sha256_of

NAME = "晨光水务(集团)"
"""The registered name with brackets of another width."""


def code(response: httpx.Response) -> str:
    return str(response.json()["code"]) if response.is_error else ""


def who(city: City, response: httpx.Response) -> str:
    """Whose session an answer opened."""
    cookie = response.headers["set-cookie"].split(";")[0]
    return str(city.http.get("/api/session", headers={"cookie": cookie}).json()["name"])


def refusals(city: City) -> list[tuple[str, str]]:
    with city.platform.db.read() as tx:
        events = [parse_event(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
    return [
        (str(event["data"]["purpose"]), str(event["data"]["code"]))
        for event in events
        if event["type"] == "certificate.refused"
    ]


def test_a_certificate_of_ours_signs_its_holder_in_until_it_is_revoked(city: City) -> None:
    key = new_key()
    certificate = city.enrol(key)

    signed_in = city.sign_in([certificate], key)
    city.call(
        "POST",
        f"/api/certificates/{sha256_of(certificate)}/revocation",
        "wang",
        json={"reason": "keyCompromise"},
    )

    assert signed_in.status_code == 201
    assert code(city.sign_in([certificate], key)) == "E_CERT_REVOKED"
    assert refusals(city) == [("sign-in", "E_CERT_REVOKED")]


def test_sessions_that_a_certificate_opened_end_when_it_is_revoked(city: City) -> None:
    key, outside_key = new_key(), new_key()
    certificate = city.enrol(key)
    chain = city.authority.issue(outside_key, at=city.now(), name=NAME)
    city.bind(chain, outside_key)
    by_ours, by_theirs = city.sign_in([certificate], key), city.sign_in(chain, outside_key)
    before = [who(city, by_ours), who(city, by_theirs), city.call("GET", "/account", "wang").status_code]

    path = f"/api/certificates/{sha256_of(certificate)}/revocation"
    city.call("POST", path, "wang", json={"reason": "keyCompromise"})
    after_ours = [who(city, by_ours), who(city, by_theirs)]
    city.call("DELETE", f"/api/outside-certificates/{sha256_of(chain[0])}", "wang")

    assert before == ["Wang", "Wang", 200]
    assert after_ours == ["", "Wang"]
    assert who(city, by_theirs) == ""
    assert city.call("GET", "/account", "wang").status_code == 200  # a password opened that one


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_an_outside_certificate_is_added_and_then_signs_in(city: City, kind: str) -> None:
    key: Key = new_key() if kind == "P-256" else rsa.generate_private_key(65537, 2048)
    chain = city.authority.issue(key, at=city.now(), name=NAME)
    before = city.sign_in(chain, key)

    added = city.bind(chain, key)

    assert (before.status_code, code(before)) == (403, "E_CERT_UNBOUND")
    assert (added.status_code, added.json()["sha256"]) == (201, sha256_of(chain[0]))
    assert who(city, city.sign_in(chain, key)) == "Wang"


def test_an_answer_counts_once_for_its_purpose_its_site_its_person_and_two_minutes(city: City) -> None:
    key = new_key()
    chain = city.authority.issue(key, at=city.now(), name=NAME)
    city.bind(chain, key)
    proof = city.proof(chain, key, city.challenge("sign-in"))
    for_li = city.proof(chain, key, city.challenge("bind", "li"))
    old = city.proof(chain, key, city.challenge("sign-in"))
    text, tag = proof["challenge"].split(".")

    def answered(body: dict[str, str], path: str = "/api/session/certificate", user: str = "") -> str:
        return code(city.call("POST", path, user, json=body))

    assert answered(proof, "/api/outside-certificates", "wang") == "E_CHALLENGE"
    assert answered(for_li) == "E_CHALLENGE"
    assert answered(for_li, "/api/outside-certificates", "wang") == "E_CHALLENGE"
    assert (
        answered({**proof, "challenge": f"{text}.{tag[:-1]}{'1' if tag[-1] == '0' else '0'}"})
        == "E_CHALLENGE"
    )
    assert answered(proof) == ""
    assert answered(proof) == "E_CHALLENGE"
    elsewhere = city.http.post("http://other.example/api/session/certificate", json=old)
    assert code(elsewhere) == "E_CHALLENGE"
    move_clock(city.platform.db, seconds=121)
    assert answered(old) == "E_CHALLENGE"


def test_nothing_is_said_about_a_certificate_whose_key_did_not_sign(city: City) -> None:
    key = new_key()
    chain = city.authority.issue(key, at=city.now(), name=NAME)
    city.bind(chain, key)
    unknown = outside_authority("Nobody", at=city.now()).issue(new_key(), at=city.now())

    assert code(city.sign_in(chain, new_key())) == "E_CERT_SIGNATURE"
    assert code(city.sign_in(unknown, new_key())) == "E_CERT_SIGNATURE"


def ended(city: City, key: Key) -> list[x509.Certificate]:
    return city.authority.issue(key, at=city.now(), name=NAME, ends=timedelta(seconds=-1))


def early(city: City, key: Key) -> list[x509.Certificate]:
    return city.authority.issue(key, at=city.now(), name=NAME, begins=timedelta(hours=1))


def revoked(city: City, key: Key) -> list[x509.Certificate]:
    chain = city.authority.issue(key, at=city.now(), name=NAME)
    city.give_list(city.authority, sha256_of(city.authority.certificate), chain[0])
    return chain


def another_name(city: City, key: Key) -> list[x509.Certificate]:
    return city.authority.issue(key, at=city.now(), name="晨光水利")


def another_code(city: City, key: Key) -> list[x509.Certificate]:
    return city.authority.issue(key, at=city.now(), name=NAME, code="91371500MA00000011")


def no_code(city: City, key: Key) -> list[x509.Certificate]:
    return city.authority.issue(key, at=city.now(), name=NAME, code="none")


def unknown_authority(city: City, key: Key) -> list[x509.Certificate]:
    return outside_authority("Fictional Commercial CA", at=city.now()).issue(key, at=city.now(), name=NAME)


def too_long_a_path(city: City, key: Key) -> list[x509.Certificate]:
    root = outside_authority("Root that issues leaves only", at=city.now(), path_length=0)
    city.trust(root)
    return root.under("Not allowed below it", at=city.now()).issue(key, at=city.now(), name=NAME)


def by_a_leaf(city: City, key: Key) -> list[x509.Certificate]:
    own = new_key()
    leaf = city.authority.issue(own, at=city.now(), name=NAME)[0]
    forger = type(city.authority)(leaf, own, (leaf,))
    return forger.issue(key, at=city.now(), name=NAME)[:2]


def an_authority(city: City, key: Key) -> list[x509.Certificate]:
    return city.authority.issue(key, at=city.now(), name=NAME, ca=True)


def for_encryption(city: City, key: Key) -> list[x509.Certificate]:
    return city.authority.issue(key, at=city.now(), name=NAME, signs=False)


def somebody_elses_key(city: City, key: Key) -> list[x509.Certificate]:
    city.bind(city.authority.issue(key, at=city.now(), name=NAME), key, "li")
    return city.authority.issue(key, at=city.now(), name=NAME)


BAD: list[tuple[Callable[[City, Key], list[x509.Certificate]], str]] = [
    (ended, "E_CERT_ENDED"),
    (early, "E_CERT_EARLY"),
    (revoked, "E_CERT_REVOKED"),
    (another_name, "E_CERT_NAME"),
    (another_code, "E_CERT_NAME"),
    (no_code, "E_CERT_NAME"),
    (unknown_authority, "E_CERT_CHAIN"),
    (too_long_a_path, "E_CERT_CHAIN"),
    (by_a_leaf, "E_CERT_CHAIN"),
    (an_authority, "E_CERT_CA"),
    (for_encryption, "E_CERT_USAGE"),
    (somebody_elses_key, "E_CERT_REUSED"),
]


def test_every_kind_of_bad_certificate_is_refused_for_adding_with_its_own_code(city: City) -> None:
    found = {}
    for bad, _ in BAD:
        key = new_key()
        found[bad.__name__] = code(city.bind(bad(city, key), key))

    assert found == {bad.__name__: expected for bad, expected in BAD}
    assert [one for _, one in refusals(city)] == [expected for _, expected in BAD]


def test_every_kind_of_bad_certificate_is_refused_for_signing_in_with_its_own_code(city: City) -> None:
    """What names another organisation belongs to no account: nobody could have added it."""
    found = {}
    for bad, _ in BAD:
        key = new_key()
        found[bad.__name__] = code(city.sign_in(bad(city, key), key))

    never_added = {"another_name", "another_code"}
    assert found == {
        bad.__name__: "E_CERT_UNBOUND" if bad.__name__ in never_added else expected for bad, expected in BAD
    }


def test_what_was_good_when_it_was_added_neither_seals_nor_signs_in_once_it_is_not(city: City) -> None:
    """Revoked, ended, its authority removed, or its organisation's name changed: judged anew each time."""
    keys = {name: new_key() for name in ("revoked", "ended", "good")}
    ends = {"ended": timedelta(minutes=5)}
    chains = {
        name: city.authority.issue(key, at=city.now(), name=NAME, ends=ends.get(name, timedelta(days=9)))
        for name, key in keys.items()
    }
    bound = {name: city.bind(chains[name], keys[name]).json()["sha256"] for name in keys}
    sealing = x509.load_pem_x509_certificate(
        city.seal(bound["revoked"], keys["revoked"]).json()["pem"].encode()
    )

    city.give_list(city.authority, sha256_of(city.authority.certificate), chains["revoked"][0])
    move_clock(city.platform.db, minutes=6)

    assert {name: code(city.seal(bound[name], keys[name])) for name in keys} == {
        "revoked": "E_CERT_REVOKED",
        "ended": "E_CERT_ENDED",
        "good": "",
    }
    assert {name: code(city.sign_in(chains[name], keys[name])) for name in keys} == {
        "revoked": "E_CERT_REVOKED",
        "ended": "E_CERT_ENDED",
        "good": "",
    }
    assert code(city.sign_in([sealing], keys["revoked"])) == "E_CERT_REVOKED"
    page = city.call(
        "POST", f"/certificates/authorities/{sha256_of(city.authority.certificate)}/remove", "keeper"
    )
    assert page.status_code == 303
    assert code(city.sign_in(chains["good"], keys["good"])) == "E_CERT_CHAIN"
    assert code(city.seal(bound["good"], keys["good"])) == "E_CERT_CHAIN"


def test_a_key_is_certified_for_sealing_by_our_own_authority_as_long_as_the_outside_proof_lasts(
    city: City,
) -> None:
    key = new_key()
    chain = city.authority.issue(key, at=city.now(), name=NAME, ends=timedelta(days=40))
    sha256 = city.bind(chain, key).json()["sha256"]

    made = city.seal(sha256, key)

    certificate = x509.load_pem_x509_certificate(made.json()["pem"].encode())
    issuer = x509.load_pem_x509_certificate(made.json()["authority_pem"].encode())
    certificate.verify_directly_issued_by(issuer)
    assert certificate.not_valid_after_utc == chain[0].not_valid_after_utc
    assert code(city.seal(sha256, new_key())) == "E_CERT_SIGNATURE"
    assert code(city.seal(sha256, key, "li")) == "E_NOT_FOUND"


def test_an_authority_for_signing_in_is_none_for_sealing(city: City) -> None:
    other = outside_authority("For signing in", at=city.now())
    city.trust(other, seal=False)
    key = new_key()
    sha256 = city.bind(other.issue(key, at=city.now(), name=NAME), key).json()["sha256"]

    assert code(city.seal(sha256, key)) == "E_CERT_CHAIN"


def test_a_chain_over_an_authority_between_is_followed(city: City) -> None:
    key = new_key()
    between = city.authority.under("Between", at=city.now())

    added = city.bind(between.issue(key, at=city.now(), name=NAME), key)

    assert code(added) == ""


@pytest.mark.parametrize("user", ["wang", ""])
def test_only_the_security_administrator_keeps_the_trust_list(city: City, user: str) -> None:
    sha256 = sha256_of(city.authority.certificate)
    expected = 403 if user else 401
    pages = [
        ("GET", "/certificates/authorities"),
        ("POST", "/certificates/authorities"),
        ("POST", "/certificates/authorities/preview"),
        ("POST", f"/certificates/authorities/{sha256}/list"),
        ("POST", f"/certificates/authorities/{sha256}/remove"),
        ("GET", "/certificates/register"),
    ]

    assert [city.call(method, path, user).status_code for method, path in pages] == [expected] * len(pages)


def test_the_keeper_looks_into_a_file_before_trusting_it(city: City) -> None:
    other = outside_authority("Second CA", at=city.now())
    leaf = city.authority.issue(new_key(), at=city.now())[0]

    shown = city.call(
        "POST", "/certificates/authorities/preview", "keeper", files={"file": ("ca.pem", other.pem)}
    )
    refused = [
        city.call("POST", "/certificates/authorities/preview", "keeper", files={"file": ("ca.pem", raw)})
        for raw in (b"", b"rubbish", leaf.public_bytes(Encoding.PEM))
    ]
    trusted = city.call(
        "POST",
        "/certificates/authorities",
        "keeper",
        data={
            "pem": other.pem.decode(),
            "code_field": "commonName",
            "until": "2027-03-01",
            "sign_in": "yes",
        },
    )

    assert sha256_of(other.certificate) in shown.text
    assert [one.status_code for one in refused] == [422] * 3
    assert trusted.status_code == 303
    assert "Second CA" in city.call("GET", "/certificates/authorities", "keeper").text
