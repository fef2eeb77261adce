"""`trading certificate`: a session by a key, kept in a file that the other commands take."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click import ClickException
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from litestar.testing import TestClient
from scene import Person, Scene
from scene_city import certified

from govcore import clock
from trading import client
from trading.bidding import sealing
from trading.bidding.cli import bid
from trading.client import Client, Holder, Refused


class Visitor(Client):
    """A program without a session, over the scene's HTTP."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http


@pytest.fixture
def visitor(scene: Scene) -> Visitor:
    assert isinstance(scene.http, TestClient)
    return Visitor(scene.http)


def holder(scene: Scene, bidder: str) -> Holder:
    signer = scene.city.signers[bidder]
    lock = BestAvailableEncryption(b"its password")
    raw = serialize_key_and_certificates(b"me", signer._key, signer.certificate, None, lock)  # type: ignore[arg-type]
    return client.holder_of_pkcs12(raw, "its password")


def test_a_key_file_opens_a_strong_session(scene: Scene, visitor: Visitor) -> None:
    name = visitor.sign_in_by_key(holder(scene, "bidder-1"))

    assert name == "bidder-1"
    seen = Person(scene.http, visitor.cookie.partition("=")[2]).get("/api/session")
    assert (seen["user_id"], seen["strong"]) == ("bidder-1", True)


def test_another_key_under_the_certificate_opens_none(scene: Scene, visitor: Visitor) -> None:
    mine, other = holder(scene, "bidder-1"), holder(scene, "bidder-2")

    with pytest.raises(Refused) as refused:
        visitor.sign_in_by_key(Holder(mine.chain, other._key))

    assert refused.value.problem["code"] == "E_CERT_SIGNATURE"


def test_nothing_is_signed_for_another_site(scene: Scene) -> None:
    """A site that hands on another one's question gets no answer."""

    def hands_on(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/api/challenges"
        return httpx.Response(
            201, json={"challenge": "c", "origin": "https://real.example", "payload_type": "t"}
        )

    between = httpx.Client(base_url="https://evil.example", transport=httpx.MockTransport(hands_on))

    with pytest.raises(ClickException, match="another site"):
        Visitor(between).sign_in_by_key(holder(scene, "bidder-1"))


def test_the_folder_of_an_enrolled_key_signs_in_and_the_session_file_is_its_owner_s(
    scene: Scene, visitor: Visitor, tmp_path: Path
) -> None:
    client.enrol(scene.person("bidder-2"), tmp_path / "keys", "long passphrase")
    visitor.sign_in_by_key(client.holder_of_folder(tmp_path / "keys", "long passphrase"))
    kept = tmp_path / "session"

    client.keep_session(visitor, kept)

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    token = kept.read_text().strip().partition("=")[2]
    assert Person(scene.http, token).get("/api/session")["user_id"] == "bidder-2"
    with pytest.raises(FileExistsError):
        client.keep_session(visitor, kept)


def test_sealing_warns_in_both_languages_when_the_certificate_ends_before_the_opening(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADING_PASSPHRASE", "long passphrase")
    monkeypatch.setattr(httpx, "Client", lambda **_: scene.http)  # the site is in this process
    monkeypatch.setattr(scene.http, "close", lambda: None)  # and outlives the command
    (tmp_path / "session").write_text(scene.person("bidder-1")._cookie.split(";")[0])
    (tmp_path / "summary.json").write_text("{}")
    words = [
        "seal",
        "--url",
        "http://site",
        "--user",
        "bidder-1",
        "--password-file",
        str(tmp_path / "session"),
    ]
    words += ["--summary", str(tmp_path / "summary.json"), "--out", str(tmp_path / "out")]

    def warned(**lasts: int) -> list[str]:
        """What is printed before the missing answers are refused."""
        folder = tmp_path / str(lasts)
        folder.mkdir()
        with scene.platform.db.transaction() as tx:
            now = clock.now(tx)
            made = certified(tx, scene.platform, "bidder-1", at=now, until=now + timedelta(**lasts))
        lock = BestAvailableEncryption(b"long passphrase")
        key = made._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)  # type: ignore[union-attr]
        (folder / client.KEY).write_bytes(key)
        (folder / client.CERTIFICATE).write_bytes(made.certificate.public_bytes(Encoding.PEM))
        (folder / client.AUTHORITY).write_bytes(scene.authority().public_bytes(Encoding.PEM))
        ran = CliRunner().invoke(bid, [*words, "--keys", str(folder), scene.lot])
        assert ran.exit_code == 1
        return [line for line in ran.stderr.splitlines() if "证书" in line or "certificate" in line]

    assert warned(days=300) == []
    assert warned(minutes=1) == [
        "您的证书将在开标之前到期。已签名的投标仍然有效；如可能需要再次签名，请生成新密钥。",
        sealing.ENDS_EARLY,
    ]
