"""Projects and acts in the browser: faults named, a last look, the page with its rounds; nobody else sees them."""

from __future__ import annotations

from typing import Any

from scene import Scene

FORM = {
    "name": "清河堤防二期工程",
    "category": "water",
    "division": "371500",
    "partner_id": "tenderer",
    "regulator_id": "regulator",
    "subject": "works",
    "method": "open",
    "estimate": "4000000",
    "fiscal": "9000000.50",
    "mandatory": "yes",
    "state_funded": "yes",
    "design_number": "临水审〔2026〕7号",
    "design_authority": "临湖市水利局",
    "mandate_no": "WT-1",
    "mandate_from": "2026-01-01",
    "mandate_until": "2099-12-31",
    "trust_documents": "yes",
}


def ask(scene: Scene, user: str, method: str, path: str, **options: Any) -> tuple[int, str, str]:
    """Status, where it leads, and the text, as a browser sees it."""
    headers = {
        "cookie": f"session={scene.city.tokens[user]}; lang=en",
        "accept": "text/html",
        "origin": "http://site.example",
    }
    answer = scene.http.request(method, path, headers=headers, follow_redirects=False, **options)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_a_project_is_registered_after_a_last_look_and_seen_by_its_own_side_only(scene: Scene) -> None:
    wrong = ask(scene, "agency", "POST", "/projects/new", data={"name": "x", "estimate": "much"})
    look = ask(scene, "agency", "POST", "/projects/new", data=FORM)
    change = ask(scene, "agency", "POST", "/projects/new", data=FORM | {"confirmed": "change"})
    done = ask(scene, "agency", "POST", "/projects/new", data=FORM | {"confirmed": "yes"})
    shown = ask(scene, "tenderer", "GET", done[1])
    corrected = ask(scene, "agency", "GET", f"{done[1]}/correct")
    strangers = [ask(scene, who, "GET", done[1])[0] for who in ("stranger", "bidder-1")]

    assert wrong[0] == 422
    assert 'href="#estimate"' in wrong[2]
    assert look[0] == 200
    assert "yes: the law obliges" in look[2]
    assert change[0] == 200
    assert 'value="9000000.50"' in change[2]
    assert done[0] == 303
    assert shown[0] == 200
    assert "临水审〔2026〕7号" in shown[2]
    assert 'value="9000000.50"' in corrected[2]
    assert strangers == [403, 403]


def test_what_the_law_obliges_is_refused_beside_its_box(scene: Scene) -> None:
    voluntary = {name: value for name, value in FORM.items() if name != "mandatory"}

    status, _, text = ask(scene, "agency", "POST", "/projects/new", data=voluntary)

    assert status == 422
    assert 'href="#mandatory"' in text
    assert "T35" in text


def test_a_paper_is_filed_and_read_by_who_may_see_the_project(scene: Scene) -> None:
    _, project, _ = ask(scene, "agency", "POST", "/projects/new", data=FORM | {"confirmed": "yes"})
    paper = {"paper": ("委托合同.pdf", b"%PDF-1.4 mandate", "application/pdf")}

    filed = ask(scene, "agency", "POST", f"{project}/files", data={"kind": "mandate"}, files=paper)
    outsider = ask(scene, "regulator", "POST", f"{project}/files", data={"kind": "mandate"}, files=paper)
    text = ask(scene, "regulator", "GET", project)[2]
    href = text.split(f'href="{project}/files/')[1].split('"')[0]

    assert (filed[0], outsider[0]) == (303, 403)
    assert ask(scene, "regulator", "GET", f"{project}/files/{href}")[2] == "%PDF-1.4 mandate"
    assert ask(scene, "bidder-1", "GET", f"{project}/files/{href}")[0] == 403


def test_the_acts_of_a_lot_are_offered_to_whose_they_are(scene: Scene) -> None:
    path = f"/lots/{scene.lot}/acts"
    own = {who: ask(scene, who, "GET", path)[2] for who in ("tenderer", "regulator", "centre")}

    assert [f"/propose/{act}/" in own["tenderer"] for act in ("tender.terminate", "tender.suspend")] == [
        True,
        False,
    ]
    assert [f"/propose/{act}/" in own["regulator"] for act in ("tender.cancel", "tender.suspend")] == [
        True,
        True,
    ]
    assert "a fault" not in own["tenderer"]
    assert "/propose/tender.cancel/" not in own["centre"]
    assert [ask(scene, who, "GET", path)[0] for who in ("agency", "bidder-1")] == [403, 403]


def test_suspending_is_proposed_on_a_page_that_shows_cause_and_article(scene: Scene) -> None:
    path = f"/two-person/propose/tender.suspend/{scene.lot}?notice=Checks"

    status, _, text = ask(scene, "regulator", "GET", path)

    assert status == 200
    assert "an order of the supervising department" in text
    assert "实施条例 art. 62" in text
