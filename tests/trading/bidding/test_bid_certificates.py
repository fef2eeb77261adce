"""What a certificate is worth when a bid comes: judged at that moment, by the register and the legal clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scene import Scene
from scene_city import certified
from scene_facts import facts, read_refusal, refused, verdict
from submissions import ready

from govcore import clock
from govcore.dsse import CertificateSigner


def made(scene: Scene, bidder: str, *, after: timedelta, until: timedelta) -> CertificateSigner:
    """A certificate that begins and ends so long from now."""
    with scene.platform.db.transaction() as tx:
        now = clock.now(tx)
        return certified(tx, scene.platform, bidder, at=now + after, until=now + until)


@pytest.mark.parametrize(
    ("after", "until", "code"),
    [
        (timedelta(0), timedelta(minutes=5), "E_CERT_ENDED"),
        (timedelta(hours=1), timedelta(days=9), "E_CERT_EARLY"),
    ],
)
def test_a_bid_under_a_certificate_that_is_not_in_force_is_refused(
    scene: Scene, after: timedelta, until: timedelta, code: str
) -> None:
    mine = ready(scene, "bidder-1", signer=made(scene, "bidder-1", after=after, until=until))
    scene.move_clock(minutes=10)
    before = facts(scene)

    problem = refused(scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body())

    assert verdict(problem) == (422, code)
    assert read_refusal(scene, problem).code == code
    assert facts(scene) == before


def test_a_revoked_certificate_signs_no_bid_and_a_new_one_does_at_once(scene: Scene) -> None:
    person = scene.person("bidder-1")
    mine = ready(scene, "bidder-1")
    revoked = person.post(
        f"/api/certificates/{mine.sealed.manifest.cert_sha256}/revocation", {"reason": "keyCompromise"}
    )

    problem = refused(scene, "bidder-1", "POST", f"/api/lots/{scene.lot}/bids", json=mine.body())

    assert revoked["standing"] == "revoked"
    assert (verdict(problem), read_refusal(scene, problem).code) == (
        (422, "E_CERT_REVOKED"),
        "E_CERT_REVOKED",
    )
    fresh = made(scene, "bidder-1", after=timedelta(0), until=timedelta(days=365))
    assert scene.submit("bidder-1", scene.seal("bidder-1", signer=fresh))


def test_the_page_of_a_bid_warns_when_no_certificate_of_the_reader_lasts_until_the_opening(
    scene: Scene,
) -> None:
    def warned() -> bool:
        return "您的证书在开标前到期" in scene.person("bidder-1").call("GET", f"/lots/{scene.lot}/bid").text

    before = warned()
    own = scene.city.signers["bidder-1"].keyid
    scene.person("bidder-1").post(f"/api/certificates/{own}/revocation", {"reason": "superseded"})
    made(scene, "bidder-1", after=timedelta(0), until=timedelta(minutes=5))

    assert (before, warned()) == (False, True)
    made(scene, "bidder-1", after=timedelta(0), until=timedelta(days=5))
    assert not warned()
