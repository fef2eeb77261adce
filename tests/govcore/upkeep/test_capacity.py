"""What runs short is told in steps, in time and to the system administrators alone."""

from __future__ import annotations

import socketserver
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from apps import app_for
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from litestar.testing import TestClient
from sqlalchemy import select

from govcore import clock
from govcore.identity.models import User
from govcore.identity.policy import Role
from govcore.identity.service import register_user
from govcore.identity.sessions import open_session
from govcore.notify.models import InboxMessage
from govcore.platform import Platform
from govcore.storage import Store
from govcore.upkeep import backups, capacity, watching
from govcore.upkeep.capacity import Level, part_left, time_left

AT = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "level"),
    [
        (1.0, Level.AMPLE),
        (0.15, Level.AMPLE),
        (0.149, Level.SHORT),
        (0.05, Level.SHORT),
        (0.049, Level.NEARLY_OVER),
    ],
)
def test_a_part_that_is_left_becomes_a_step(left: float, level: Level):
    assert part_left(left, short=0.15, nearly_over=0.05) == level


@pytest.mark.parametrize(
    ("days", "level"),
    [
        (181, Level.AMPLE),
        (179, Level.SHORT),
        (31, Level.SHORT),
        (29, Level.NEARLY_OVER),
        (-1, Level.NEARLY_OVER),
    ],
)
def test_a_certificate_is_short_half_a_year_before_its_end(days: int, level: Level):
    assert time_left(AT + timedelta(days=days), at=AT) == level


@pytest.mark.parametrize(
    ("blocks", "files", "level"),
    [(50, 50, Level.AMPLE), (10, 50, Level.SHORT), (50, 4, Level.NEARLY_OVER)],
)
def test_a_disk_runs_out_of_bytes_or_of_files(blocks, files, level, monkeypatch, tmp_path):
    found = SimpleNamespace(f_bavail=blocks, f_blocks=100, f_favail=files, f_files=100)
    monkeypatch.setattr(capacity.os, "statvfs", lambda _: found)

    assert capacity.of_disk(tmp_path) == level


@pytest.mark.parametrize(
    ("hours", "level"),
    [
        (1, Level.AMPLE),
        (24, Level.AMPLE),
        (25, Level.SHORT),
        (48, Level.SHORT),
        (49, Level.NEARLY_OVER),
        (None, Level.NEARLY_OVER),
    ],
)
def test_a_backup_is_due_every_day_and_must_be_there_every_other(hours: int | None, level: Level):
    made_at = None if hours is None else AT - timedelta(hours=hours)

    assert capacity.of_backup(made_at, at=AT) == level


@pytest.mark.parametrize("backend", ["sqlite"])
def test_the_age_of_the_last_backup_is_read_from_the_log_outside_of_the_demo(platform, tmp_path):
    real = replace(platform.settings, demo=False)
    backups.make(platform.settings, platform.registry, tmp_path / "backup")

    with platform.db.read() as tx:
        made = clock.now(tx)
        days = {
            days: [one.level for one in watching._backup(tx, real, at=made + timedelta(days=days))]
            for days in (0, 1.5, 3)
        }
        demo = list(watching._backup(tx, platform.settings, at=made))

    assert days == {0: [Level.AMPLE], 1.5: [Level.SHORT], 3: [Level.NEARLY_OVER]}
    assert demo == []


def test_the_certificate_that_people_meet_is_read_from_the_site_itself(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site.example")])
    shown = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, AT, AT + timedelta(days=90))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    file = tmp_path / "pair.pem"
    file.write_bytes(shown + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as proxy:
        proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        site = f"https://127.0.0.1:{proxy.server_address[1]}"
        found = [capacity.of_site(site, at=AT + timedelta(days=day)) for day in (0, 70, 84, 91)]
        proxy.shutdown()
        thread.join()

    assert found == [Level.AMPLE, Level.SHORT, Level.NEARLY_OVER, Level.NEARLY_OVER]
    assert capacity.of_site(site, at=AT) == Level.NEARLY_OVER


def test_a_store_that_does_not_answer_is_short_at_once(tmp_path):
    store = Store(f"file://{tmp_path / 'store'}")
    found = [capacity.of_store(store)]
    (tmp_path / "store").rmdir()
    found.append(capacity.of_store(store))

    assert found == [Level.AMPLE, Level.NEARLY_OVER]


@pytest.fixture
def people(platform: Platform) -> dict[str, str]:
    """A session of the system administrator, the auditor and a citizen."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        tokens = {}
        for role in (Role.SYSTEM_ADMIN, Role.AUDITOR, Role.CITIZEN):
            user = register_user(
                tx,
                username=role,
                name=role,
                password=None,
                org_id=None,
                roles=[role],
                actor="system",
                at=at,
            )
            tokens[str(role)] = open_session(tx, user_id=user.id, at=at)
    return tokens


def test_system_administrators_are_told_once_a_day_of_what_is_short(platform, people, monkeypatch):
    monkeypatch.setattr(watching, "of_disk", lambda _: Level.SHORT)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        for moment in (at, at, at + timedelta(days=1)):
            watching.warn(tx, platform, at=moment)
    with platform.db.read() as tx:
        told = tx.execute(select(User.name, InboxMessage.text, InboxMessage.data).join(User)).all()

    names = {data["what"] for _, _, data in told}
    assert {(name, text) for name, text, _ in told} == {("system_admin", watching.TEXTS[Level.SHORT])}
    assert names == {"Disk of the data folder", "Disk of the object store"}
    assert len(told) == 4


def test_the_page_shows_steps_and_no_numbers_to_system_administrators_alone(platform, people, backend):
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        answers = {
            name: http.get("/upkeep/capacity", headers={"cookie": f"session={token}", "accept": "text/html"})
            for name, token in people.items()
        }

    page = answers["system_admin"].text
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "system_admin": 200,
        "auditor": 403,
        "citizen": 403,
    }
    assert ("数据库连接" in rows, "注册证书机构的证书" in rows) == (backend == "postgresql", True)
    assert "%" not in rows
    assert "未配置" in page.partition("病毒扫描服务")[2]
