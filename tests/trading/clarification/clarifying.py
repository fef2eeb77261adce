"""What people do around a clarification, over the API: ask, gather, prepare, sign ahead, release."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest
from scene import Scene
from scene_city import PRINCIPAL

from trading.client import Refused
from trading.tender import signing

CHANGE = {"about": "terms", "where": "第四章 2.1 款", "before": "工期 180 天", "after": "工期 170 天"}
ACT = {
    "kind": "visit",
    "place": "东坝管理所门口（虚构地点）",
    "starts_at": "2030-01-07T01:00:00Z",
    "ends_at": "2030-01-07T03:00:00Z",
}


def ask(scene: Scene, text: str, person: str = "", **given: str) -> str:
    """Ask, without an account unless a person is named; the question's number."""
    path, body = f"/api/tenders/{scene.city.tender_id}/questions", {"text": text, **given}
    if person:
        return str(scene.person(person).post(path, body)["reference"])
    answer = anonymous(scene, "POST", path, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["reference"])


def anonymous(scene: Scene, method: str, path: str, **options: Any) -> httpx.Response:
    scene.http.cookies.clear()
    return scene.http.request(method, path, follow_redirects=False, **options)


def gathered(scene: Scene, *texts: str) -> list[str]:
    """Ask these questions and let the next full half hour come; their numbers."""
    references = [ask(scene, text) for text in texts]
    scene.move_clock(minutes=30)
    return references


def answer(reference: str, question: str, text: str = "以图纸为准。", **given: str) -> dict[str, str]:
    return {"reference": reference, "question": question, "answer": text, **given}


def prepare(scene: Scene, **content: Any) -> dict[str, Any]:
    """The agency keeps what its next clarification says; the preparation as it is shown."""
    path = f"/api/tenders/{scene.city.tender_id}/clarification"
    made: dict[str, Any] = scene.person("agency").call("PUT", path, json=content).json()
    return made


def hand_over(scene: Scene, **content: Any) -> str:
    """Prepare a clarification and give it to the tenderer; its id."""
    made = prepare(scene, **content)
    scene.person("agency").call("POST", f"/api/clarifications/{made['id']}/hand-over")
    return str(made["id"])


def sign(scene: Scene, clarification_id: str, lot: str, deadline_at: datetime) -> None:
    """Two people of the tenderer sign a lot's next deadline ahead."""
    first, second = scene.person("tenderer"), scene.person(PRINCIPAL)
    signers = scene.city.signers
    _, raw = signing.sign_schedule(first, signers["tenderer"], lot, deadline_at=deadline_at)
    _, both = signing.countersign_schedule(second, signers[PRINCIPAL], scene.authority(), raw.encode())
    signing.hand_in_schedule(second, lot, both, clarification=clarification_id)


def release(scene: Scene, clarification_id: str, person: str = "tenderer") -> dict[str, Any]:
    path = f"/api/clarifications/{clarification_id}/release"
    shown: dict[str, Any] = scene.person(person).call("POST", path).json()
    return shown


def release_refused(scene: Scene, clarification_id: str) -> str:
    """Why the tenderer's release is refused, in English."""
    person = scene.person("tenderer", language="en")
    with pytest.raises(Refused) as caught:
        person.call("POST", f"/api/clarifications/{clarification_id}/release")
    return str(caught.value.problem["title"])


def published(scene: Scene) -> list[dict[str, Any]]:
    """The released clarifications as somebody without an account reads them."""
    found: list[dict[str, Any]] = anonymous(
        scene, "GET", f"/api/tenders/{scene.city.tender_id}/clarifications"
    ).json()
    return found
