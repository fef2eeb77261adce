"""Authorities that sign with SM2: OpenSSL makes their certificates and lists, and they count like any other's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apps import app_for
from certificate_factories import USCC, OutsideAuthority
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from litestar.testing import TestClient
from national_authority import AUTHORITY, LEAF, NationalAuthority
from proving_city import SITE, City, found, new_key

from govcore.certificates import national
from govcore.certificates.authority import sha256_of
from govcore.certificates.outside import NoList, give_list
from govcore.certificates.refusals import ChainUnknown, Unreadable
from govcore.certificates.trust import read_chain
from govcore.platform import Platform
from govcore.sm2 import Sm2PrivateKey

WANG = f"/serialNumber={USCC}/O=晨光水务(集团)/CN=王强"
SOON = datetime.now(UTC) + timedelta(hours=1)
"""After everything that OpenSSL makes here, by the real clock, however late in a run."""

Chain = list[x509.Certificate]


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> NationalAuthority:
    authority = NationalAuthority(tmp_path_factory.mktemp("sm2"))
    authority.root()
    return authority


@pytest.fixture(scope="module")
def root(theirs: NationalAuthority) -> x509.Certificate:
    return x509.load_pem_x509_certificate((theirs.folder / "root.pem").read_bytes())


@pytest.fixture
def city(platform: Platform) -> Iterator[City]:
    with TestClient(app_for(platform), base_url=SITE) as http:
        yield found(platform, http)


def test_a_certificate_signed_with_sm2_signs_in_until_its_authority_s_list_names_it(
    city: City, theirs: NationalAuthority, root: x509.Certificate
) -> None:
    digest = city.trust(OutsideAuthority(root, new_key()))
    theirs.issue("middle", "/C=CN/O=Fictional National CA/CN=middle", AUTHORITY)
    leaf = theirs.issue("wang", WANG, by="middle")
    middle = x509.load_pem_x509_certificate((theirs.folder / "middle.pem").read_bytes())
    key, chain = Sm2PrivateKey.from_bytes(theirs.key("wang")), [leaf, middle]

    added = city.bind(chain, key)
    before = city.sign_in(chain, key)
    with city.platform.db.transaction() as tx:
        raw = theirs.revoking("middle")
        keeper = city.actor("keeper")
        give_list(tx, city.platform.wrapper, digest, raw, actor=keeper, at=SOON)
    after = city.sign_in(chain, key)

    assert (added.status_code, added.json()["sha256"]) == (201, sha256_of(leaf))
    assert (before.status_code, before.json()["name"]) == (201, "Wang")
    assert (after.status_code, after.json()["code"]) == (422, "E_CERT_REVOKED")


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_list_of_another_authority_of_the_same_name_is_refused(
    city: City, theirs: NationalAuthority, root: x509.Certificate, tmp_path: Path
) -> None:
    digest = city.trust(OutsideAuthority(root, new_key()))
    forger = NationalAuthority(tmp_path)
    forger.root()
    forger.issue("wang", WANG)

    raw, keeper = forger.revoking("wang"), city.actor("keeper")

    with city.platform.db.transaction() as tx, pytest.raises(NoList):
        give_list(tx, city.platform.wrapper, digest, raw, actor=keeper, at=SOON)


def by_a_forger(theirs: NationalAuthority) -> Chain:
    folder = theirs.folder / "forger"
    folder.mkdir()
    forger = NationalAuthority(folder)
    forger.root()
    return [forger.issue("leaf", WANG)]


def altered(theirs: NationalAuthority) -> Chain:
    der = theirs.issue("altered", WANG).public_bytes(Encoding.DER)
    return [x509.load_der_x509_certificate(der.replace(USCC.encode(), USCC.encode()[:-1] + b"E"))]


def by_a_leaf(theirs: NationalAuthority) -> Chain:
    above = theirs.issue("leaf-above", WANG)
    return [theirs.issue("below", WANG, by="leaf-above"), above]


def too_long_a_path(theirs: NationalAuthority) -> Chain:
    short = AUTHORITY.replace("CA:TRUE", "CA:TRUE,pathlen:0")
    one = theirs.issue("short", "/CN=short", short)
    two = theirs.issue("deeper", "/CN=deeper", AUTHORITY, by="short")
    return [theirs.issue("deep", WANG, by="deeper"), two, one]


def what_must_be_understood(theirs: NationalAuthority) -> Chain:
    return [theirs.issue("unknown", WANG, f"{LEAF}1.2.3.4=critical,ASN1:NULL\n")]


def constrained_names(theirs: NationalAuthority) -> Chain:
    only = f"{AUTHORITY}nameConstraints=permitted;DNS:example.com\n"
    above = theirs.issue("constrained", "/CN=constrained", only)
    return [theirs.issue("within", WANG, by="constrained"), above]


@pytest.mark.parametrize(
    "made",
    [by_a_forger, altered, by_a_leaf, too_long_a_path, what_must_be_understood, constrained_names],
    ids=lambda made: made.__name__,
)
def test_no_other_path_leads_to_the_authority(
    theirs: NationalAuthority, root: x509.Certificate, made: Callable[[NationalAuthority], Chain]
) -> None:
    with pytest.raises(ChainUnknown):
        national.path(made(theirs), {root: None}, at=SOON)


def test_an_authority_that_has_ended_leads_nowhere(theirs: NationalAuthority, root: x509.Certificate) -> None:
    leaf = theirs.issue("later", WANG)

    assert national.path([leaf], {root: None}, at=SOON + timedelta(days=299)) == [leaf, root]
    with pytest.raises(ChainUnknown):
        national.path([leaf], {root: None}, at=SOON + timedelta(days=301))


def test_extensions_that_cannot_be_read_are_no_certificate(theirs: NationalAuthority) -> None:
    """Its own key may have signed it: what is inside is read before anything is believed or asked of it."""
    broken = theirs.issue("broken", WANG, f"{LEAF}extendedKeyUsage=DER:30:03:02:01\n")
    pem = broken.public_bytes(Encoding.PEM)

    with pytest.raises(Unreadable):
        read_chain(pem)
