"""A measured outage before a deadline: told, prolonged by two people, certified for everybody; or it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from probers import NAME, Outsider
from scene import Scene
from scene_city import PRINCIPAL
from scene_facts import events
from sqlalchemy import select

from bidding_docs.encoding import parse_time
from govcore import dsse
from govcore.audit.note import parse_vkey
from govcore.identity.queries import actor_of_user
from govcore.notify import queries as notify
from govcore.outages.policy import Span
from govcore.outages.schemas import REPORT_TYPE
from govcore.pdf.figures import stamp
from trading.client import Refused
from trading.extension import queries, tasks
from trading.extension.schemas import CERTIFICATE_TYPE, OutageCertificate
from trading.notices.models import Notice
from trading.tender import signing
from trading.tender.models import Lot

HTML = {"accept": "text/html"}


@pytest.fixture
def prober(scene: Scene, tmp_path: Path) -> Outsider:
    """The only prober that the site names."""
    made = Outsider(tmp_path / "prober")
    scene.platform.settings = replace(scene.platform.settings, probers=(made.key.vkey,))
    return made


def deadline(scene: Scene) -> datetime:
    with scene.platform.db.read() as tx:
        found = tx.get_one(Lot, scene.lot).deadline_at
    assert found is not None
    return found


def out(scene: Scene, prober: Outsider) -> Span:
    """Twenty minutes without the platform, back three minutes before the deadline."""
    old = deadline(scene)
    span = Span(old - timedelta(minutes=23), old - timedelta(minutes=3))
    scene.move_clock(seconds=(span.end - scene.now()).total_seconds())
    with scene.platform.db.transaction() as tx:
        prober.saw_out(tx, span.start, span.end, at=scene.now())
    return span


def prolonged(scene: Scene) -> datetime:
    """Two people of the tenderer sign what the page proposes."""
    with scene.platform.db.read() as tx:
        proposed = queries.facts(tx, scene.lot, at=scene.now()).assessment.proposed
    assert proposed is not None
    person, signer = scene.person("tenderer"), scene.city.signers["tenderer"]
    _, first = signing.sign_schedule(person, signer, scene.lot, deadline_at=proposed)
    second, signer = scene.person(PRINCIPAL), scene.city.signers[PRINCIPAL]
    body, both = signing.countersign_schedule(second, signer, scene.authority(), first.encode())
    signing.hand_in_schedule(second, scene.lot, both)
    return parse_time(body.deadline_at)


def issued(scene: Scene) -> list[OutageCertificate]:
    """Every certificate, its platform's signature checked."""
    signer = scene.platform.keys.receipt_signer
    keys = {signer.keyid: Ed25519PublicKey.from_public_bytes(signer.public_bytes)}
    with scene.platform.db.read() as tx:
        rows = queries.certificates(tx, scene.lot)
    raw = [scene.http.get(f"/outage-certificates/{row.id}").content for row in rows]
    payloads = [dsse.verify(dsse.Envelope.decode(one), CERTIFICATE_TYPE, keys) for one in raw]
    return [msgspec.json.decode(one, type=OutageCertificate) for one in payloads]


def page(scene: Scene, person: str, language: str = "en") -> str:
    reader = scene.person(person, language=language)
    return reader.call("GET", f"/lots/{scene.lot}/outages", headers=HTML).text


def test_two_people_prolong_and_everybody_gets_a_certificate_that_can_be_recomputed(
    scene: Scene, prober: Outsider
) -> None:
    scene.person("stranger").call("POST", f"/tenders/{scene.city.tender_id}/follow")
    old, span = deadline(scene), out(scene, prober)
    tasks.look_at(scene.platform, scene.lot)
    told = page(scene, "tenderer")
    new = prolonged(scene)
    for _ in range(2):
        tasks.look_at(scene.platform, scene.lot)

    (found,) = issued(scene)

    assert "These outages call for a later deadline" in told
    assert "/deadline?proposed=" in told
    assert (found.deadline_before, found.deadline_after, found.proposed) == (old, new, new)
    assert [(one.began, one.ended) for one in found.counted] == [(span.start, span.end)]
    assert found.total_seconds == 20 * 60
    assert [one.surface for one in found.outages] == ["site", "submit", "upload"]
    assert len(found.schedules) == 2
    key = parse_vkey(found.probers[0])
    prober_keys: dict[str, dsse.PublicKey] = {
        prober.key.keyid: Ed25519PublicKey.from_public_bytes(key.public)
    }
    for report in found.reports:
        dsse.verify(dsse.Envelope.decode(report.encode()), REPORT_TYPE, prober_keys)
    assert (key.name, len(found.reports)) == (NAME, 1)
    with scene.platform.db.read() as tx:
        changes = select(Notice).where(Notice.kind == "change").order_by(Notice.published_at)
        moved, notice = tx.scalars(changes)
        inbox = notify.inbox(tx, scene.platform.keys, actor=actor_of_user(tx, "stranger"))
    assert moved.fields["changes"] == [
        {"item": "投标截止时间及开标时间", "old": stamp(old), "new": stamp(new)}
    ]
    assert notice.fields["changes"][0]["item"] == "投标截止时间及开标时间（因平台故障顺延）"
    assert notice.supersedes == moved.id
    assert sum("outage" in one.href for one in inbox) == 2  # the proposal, and the certificate
    assert len(events(scene, "extension.certified")) == 1


def test_when_nobody_acts_the_deadline_stands_and_a_certificate_is_issued_on_request(
    scene: Scene, prober: Outsider
) -> None:
    old = deadline(scene)
    path = f"/lots/{scene.lot}/outages/certificate"

    def ask(person: str) -> str:
        try:
            scene.person(person).call("POST", path, follow_redirects=False)
        except Refused as refused:
            return str(refused.problem["code"])
        return "issued"

    early = ask("centre")
    out(scene, prober)
    scene.close()
    shown, chinese = page(scene, "stranger"), page(scene, "stranger", "zh_CN")
    asked = [ask(person) for person in ("bidder-1", "regulator", "centre")]
    tasks.look_at(scene.platform, scene.lot)

    (found,) = issued(scene)

    assert (early, asked) == ("E_NO_OUTAGE", ["E_FORBIDDEN", "issued", "issued"])
    assert (deadline(scene), found.deadline_before, found.deadline_after) == (old, old, None)
    assert "Nobody moved it before it passed" in shown
    assert "截止前未顺延，原截止时间有效" in chinese
    with scene.platform.db.read() as tx:
        (row,) = queries.certificates(tx, scene.lot)
        assert tx.scalars(select(Notice).where(Notice.kind == "change")).all() == []
    assert scene.http.get(f"/outage-certificates/{row.id}/pdf").content.startswith(b"%PDF")


def test_without_an_outage_nothing_is_told_nor_issued(scene: Scene, prober: Outsider) -> None:
    tasks.look_at(scene.platform, scene.lot)

    assert issued(scene) == []
    assert events(scene, "extension.proposed") == []
    assert "No outage was measured" in page(scene, "bidder-1")
