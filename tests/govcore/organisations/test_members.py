"""Members: duties, joining by a code, moving, leaving; each with a stranger who must fail."""

from __future__ import annotations

import io
import re

import pytest
from clocks import move_clock
from openpyxl import load_workbook
from sqlalchemy import select
from town import PASSWORD, Town

from govcore import clock
from govcore.authority.registers import changes
from govcore.identity.models import User
from govcore.identity.policy import Duty, Role
from govcore.notify.models import InboxMessage
from govcore.organisations import service
from govcore.organisations.models import Invitation
from govcore.organisations.policy import LETTERS, invitation_code, managers_besides, plain_code

INVITATIONS = "/api/organisation/invitations"
NEW = {"name": "Li", "address": "li@example.cn", "duties": ["prepare", "submit"]}


def invite(town: Town, **changes: object) -> str:
    answer = town.call("head", "POST", INVITATIONS, json={**NEW, **changes})
    assert answer.status_code == 201
    return str(answer.json()["code"])


def joins(town: Town, who: str, code: str, *, leaving: bool = False) -> tuple[int, str | None]:
    body = {"code": code, "leave_present": leaving}
    answer = town.call(who, "POST", "/api/organisation/joining", json=body)
    return answer.status_code, answer.json()["code"] if answer.content else None


def members(town: Town, who: str) -> dict[str, list[str]]:
    shown = town.call(who, "GET", "/api/organisation").json()["members"]
    return {one["username"]: one["duties"] for one in shown}


def test_a_code_makes_its_bearer_a_member_with_the_duties_once(town: Town) -> None:
    code = invite(town)

    first = joins(town, "nobody", code.lower().replace("-", " "))
    town.add("second", None, Role.CITIZEN)
    again = joins(town, "second", code)

    assert (first, again) == ((204, None), (422, "E_INVITATION"))
    assert members(town, "head")["nobody"] == ["prepare", "submit"]
    actor = town.actor("nobody")
    assert (actor.org_id, actor.roles, actor.may("bid.submit"), actor.may("bid.sign")) == (
        town.orgs["river"],
        {"bidder"},
        True,
        False,
    )
    [joined] = town.events("organisation.member_joined")
    assert (joined["subject"], joined["actor"]) == (town.orgs["river"], town.users["head"])


def test_every_code_that_opens_nothing_gets_the_same_answer(town: Town) -> None:
    withdrawn, old, used = (invite(town, name=name) for name in ("a", "b", "c"))
    with town.platform.db.transaction() as tx:
        row = tx.scalars(select(Invitation).order_by(Invitation.invited_at)).first()
        assert row is not None
    assert town.call("head", "DELETE", f"{INVITATIONS}/{row.id}").status_code == 204
    joins(town, "nobody", used)
    move_clock(town.platform.db, days=7, seconds=1)
    town.add("late", None, Role.CITIZEN)

    answers = [
        town.call("late", "POST", "/api/organisation/joining", json={"code": code}).json()
        for code in (withdrawn, old, used, "ABCDE-FGHJK-MNPQR-STVWX", "", "'; DROP TABLE")
    ]

    assert [answer for answer in answers if answer != answers[0]] == []
    assert answers[0]["code"] == "E_INVITATION"


def test_an_invitation_answers_alike_for_people_with_and_without_an_account(town: Town) -> None:
    known = town.call("head", "POST", INVITATIONS, json={**NEW, "name": "Rival", "address": "r@example.cn"})
    unknown = town.call("head", "POST", INVITATIONS, json={**NEW, "name": "Zz", "address": "z@example.cn"})

    assert known.status_code == unknown.status_code == 201
    assert known.json().keys() == unknown.json().keys()


def test_the_table_holds_neither_code_nor_address(town: Town) -> None:
    code = invite(town)

    with town.platform.db.read() as tx:
        row = tx.scalars(select(Invitation)).one()
        told = repr([getattr(row, column.key) for column in Invitation.__table__.columns])

    assert plain_code(code) not in told
    assert code not in told
    assert "li@example.cn" not in told
    assert town.events("organisation.invited")[0]["data"] == {
        "invitation": row.id,
        "duties": ["prepare", "submit"],
    }


def test_only_an_administrator_invites_and_nobody_for_another_organisation(town: Town) -> None:
    invite(town)
    with town.platform.db.read() as tx:
        invitation = tx.scalars(select(Invitation.id)).one()

    refusals = [
        town.call("writer", "POST", INVITATIONS, json=NEW),
        town.call(None, "POST", INVITATIONS, json=NEW),
        town.call("rival", "DELETE", f"{INVITATIONS}/{invitation}"),
        town.call("head", "POST", INVITATIONS, json={**NEW, "org_id": town.orgs["dike"]}),
        town.call("head", "POST", INVITATIONS, json={**NEW, "address": "no address"}),
    ]

    assert [(one.status_code, one.json()["code"]) for one in refusals] == [
        (403, "E_DUTY"),
        (401, "E_SIGN_IN"),
        (404, "E_NOT_FOUND"),
        (422, "E_SCHEMA"),
        (422, "E_SCHEMA"),
    ]


def test_a_visitor_joins_with_a_new_account_whose_name_is_given_out(town: Town) -> None:
    code = invite(town)
    form = {"code": code, "name": "李明", "password": PASSWORD}

    answer = town.call(None, "POST", "/join", data=form, headers={"accept": "text/html"})

    [username] = re.findall(r'<code class="code-badge">(\d{10})</code>', answer.text)
    assert answer.status_code == 200
    assert members(town, "head")[username] == ["prepare", "submit"]


def test_a_short_password_leaves_the_code_to_be_used(town: Town) -> None:
    code = invite(town)
    form = {"code": code, "name": "李明", "password": "short"}

    answer = town.call(None, "POST", "/join", data=form, headers={"accept": "text/html"})

    assert (answer.status_code, re.findall(r'href="#(\w+)">', answer.text)) == (422, ["main", "password"])
    assert joins(town, "nobody", code) == (204, None)


def test_a_member_moves_to_another_organisation_only_knowingly(town: Town) -> None:
    code = invite(town)

    unasked = joins(town, "rival", code)
    moved = joins(town, "rival", code, leaving=True)

    assert (unasked, moved) == ((409, "E_STILL_MEMBER"), (204, None))
    assert town.actor("rival").org_id == town.orgs["river"]
    assert town.actor("rival").duties == {"prepare", "submit"}
    [left] = town.events("organisation.member_left")
    assert (left["subject"], left["data"]["how"]) == (town.orgs["dike"], "moved")


def test_the_last_administrator_stays_until_there_is_a_successor(town: Town) -> None:
    writer, head = town.users["writer"], town.users["head"]

    answers = [
        town.call("head", "POST", "/api/organisation/departure"),
        town.call("head", "PUT", f"/api/organisation/members/{head}/duties", json={"duties": ["sign"]}),
        town.call("head", "DELETE", f"/api/organisation/members/{head}"),
        town.call("head", "PUT", f"/api/organisation/members/{writer}/duties", json={"duties": ["manage"]}),
        town.call("head", "POST", "/api/organisation/departure"),
    ]

    assert [one.status_code for one in answers] == [409, 409, 409, 204, 204]
    assert town.actor("head").roles == {"citizen"}
    assert list(members(town, "writer")) == ["writer"]
    former = town.call("writer", "GET", "/api/organisation").json()["former"]
    assert [(one["name"], one["ending"], one["left_by"]) for one in former] == [("Head", "left", "Head")]


def test_roles_that_change_with_the_organisation_end_and_stay_in_their_history(town: Town) -> None:
    who = town.add("expert", "dike", Role.EXPERT)
    before = town.call("system", "GET", "/api/register/people?search=expert").json()["rows"][0]["roles"]

    moved = joins(town, "expert", invite(town), leaving=True)
    after = town.call("system", "GET", "/api/register/people?search=expert").json()["rows"][0]["roles"]

    assert (before, moved, after) == (["expert"], (204, None), ["bidder"])
    with town.platform.db.read() as tx:
        history = changes(tx, actor=town.actor("system"), user_id=who)
    assert [(one.event, one.role, one.by) for one in history] == [
        ("authority.role_given", "bidder", "Head"),
        ("authority.role_taken", "expert", "Head"),
    ]
    assert [one["subject"] for one in town.events("authority.role_taken", "authority.role_given")] == [
        "expert",
        "bidder",
    ]


def test_who_leaves_is_out_with_the_next_click_and_can_come_back_only_by_a_code(town: Town) -> None:
    writer = town.users["writer"]
    before = town.actor("writer")

    town.call("head", "DELETE", f"/api/organisation/members/{writer}")
    after = town.actor("writer")

    assert (before.may("bid.prepare"), after.may("bid.prepare"), after.org_id) == (True, False, None)
    assert joins(town, "writer", invite(town)) == (204, None)
    with town.platform.db.read() as tx:
        told = list(tx.scalars(select(InboxMessage.text).where(InboxMessage.user_id == writer)))
    assert told == ["You are no longer a member of {organisation}."]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/organisation/members/{rival}/duties"),
        ("DELETE", "/api/organisation/members/{rival}"),
        ("GET", "/organisation/members/{rival}"),
    ],
)
def test_a_member_of_another_organisation_does_not_exist(town: Town, method: str, path: str) -> None:
    options = {"json": {"duties": ["manage"]}} if method == "PUT" else {}

    answer = town.call("head", method, path.format(rival=town.users["rival"]), **options)

    assert answer.status_code == 404
    assert town.actor("rival").duties == set(Duty)


def test_two_administrators_who_leave_at_once_do_not_leave_the_others_alone(town: Town) -> None:
    town.add("deputy", "river", Role.BIDDER)
    deputy, head = town.actor("deputy"), town.actor("head")

    with town.platform.db.transaction() as tx:
        service.leave(tx, actor=deputy, at=clock.now(tx))
    with pytest.raises(service.LastAdministrator), town.platform.db.transaction() as tx:
        service.leave(tx, actor=head, at=clock.now(tx))

    with town.platform.db.read() as tx:
        managers = [user.id for user in tx.scalars(select(User)) if Duty.MANAGE in user.duties]
    assert town.users["head"] in managers


def test_the_page_of_members_can_be_read_and_exported_without_formulas(town: Town) -> None:
    with town.platform.db.transaction() as tx:
        tx.get_one(User, town.users["writer"]).name = "=HYPERLINK(1)"

    page = town.page("head", "/organisation")
    answer = town.call("head", "GET", "/organisation/members.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active

    assert "Writer" not in page
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["My organisation"]
    assert sheet is not None
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert cells["=HYPERLINK(1)"] == "s"


def test_who_belongs_nowhere_is_told_how_to_begin(town: Town) -> None:
    page = town.page("nobody", "/organisation")

    assert re.findall(r'<div class="buttons">(.*?)</div>', page) == [
        '<a class="btn btn-primary" href="/join">Enter a code</a> '
        '<a class="btn" href="/my-claims">Claim an organisation</a>'
    ]


def test_a_code_has_a_hundred_bits_and_survives_copying() -> None:
    code = invitation_code(bytes(range(13)))

    assert re.fullmatch(f"([{LETTERS}]{{5}}-){{3}}[{LETTERS}]{{5}}", code)
    assert plain_code(f" {code.lower()} ") == code.replace("-", "")
    assert plain_code("oO0-iIl-1") == "0001111"
    assert len({invitation_code(n.to_bytes(13)) for n in range(1000)}) == 1000


def test_who_besides_administers() -> None:
    members = [("a", frozenset({"manage"})), ("b", frozenset({"sign"}))]

    assert (managers_besides(members, "a"), managers_besides(members, "b")) == (False, True)
