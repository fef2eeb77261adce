"""A consultation's steps, each with who must not take it: talks, leaving, the end, and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from evaluated_city import City, SignIn, content
from reviewed_city import close, vote_all
from scene_city import ordinary_content
from sqlalchemy import select

from govcore import clock
from govcore.calendar import vendored
from govcore.errors import NotFound
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.consultation import calling, service
from trading.consultation.models import Departure, Talk
from trading.consultation.policy import NOTES_MAX, remaining, unheard
from trading.contract.policy import Security, Trigger, trigger_of
from trading.evaluation import sheets
from trading.notices.models import Notice
from trading.procedure.competition import Ground
from trading.procedure.deadlines import PeriodTooShort, check_gap
from trading.procedure.rules import rule_set
from trading.procedure.thresholds import least_members
from trading.review.service import NotLeader, NotUnderReview
from trading.tender.criteria import Gate, Scoring
from trading.tender.drafting import InconsistentTender, check_content
from trading.tender.models import Lot, Tender
from trading.tender.periods import least_time
from trading.tender.rounds import NotConsulted
from trading.tender.schemas import PartRule

CALENDAR = vendored()
CONSULTED = msgspec.structs.replace(
    ordinary_content(),
    procures="goods",
    procedure="consultation",
    parts=[msgspec.structs.replace(part, public=False) for part in ordinary_content().parts],
)
LEADER = "expert-1"
PASSING = ("bid-1", "bid-2", "bid-3")


def talk(city: City, bid_id: str, *, member: str = LEADER, notes: str = "承诺质保期五年。") -> None:
    with city.database.transaction() as tx:
        actor, at = actor_of_user(tx, member), clock.now(tx)
        service.note_talk(tx, city.lot_id, bid_id=bid_id, notes=notes, actor=actor, at=at)


def leave(city: City, who: str, reason: str = "") -> None:
    with city.database.transaction() as tx:
        service.leave(tx, city.lot_id, reason=reason, actor=actor_of_user(tx, who), at=clock.now(tx))


def end(city: City, *, member: str = LEADER, changes: str = "质保期由三年改为五年。") -> None:
    with city.database.transaction() as tx:
        actor, at = actor_of_user(tx, member), clock.now(tx)
        service.end(tx, city.lot_id, changes=changes, actor=actor, at=at)


def state(city: City) -> str:
    with city.database.read() as tx:
        return tx.get_one(Lot, city.lot_id).state


def reviewed(city: City) -> None:
    vote_all(city)
    close(city)


def test_the_group_reviews_first_then_hears_everybody_alike_and_only_then_ends(city: City) -> None:
    with pytest.raises(service.ReviewFirst):
        talk(city, "bid-1")
    reviewed(city)
    with pytest.raises(NotLeader):
        talk(city, "bid-1", member="expert-2")
    with pytest.raises(service.NotConsultedWith):
        talk(city, "bid-4")  # above the maximum price
    with pytest.raises(NotFound):
        talk(city, "bid-5")  # never opened
    for wrong in (" ", "字" * (NOTES_MAX + 1)):
        with pytest.raises(service.NotesMissing):
            talk(city, "bid-1", notes=wrong)
    for bid_id in ("bid-1", "bid-2"):
        talk(city, bid_id)
    with pytest.raises(service.Unheard) as left:
        end(city)
    talk(city, "bid-3")
    talk(city, "bid-3", notes="承诺质保期六年。")
    with pytest.raises(NotLeader):
        end(city, member="expert-2")
    end(city)
    with pytest.raises(NotUnderReview):
        end(city)

    with city.database.read() as tx:
        notes = {row.bid_id: row.notes for row in tx.scalars(select(Talk))}
    assert left.value.data == {"left": 1}
    assert notes == {"bid-1": "承诺质保期五年。", "bid-2": "承诺质保期五年。", "bid-3": "承诺质保期六年。"}
    assert state(city) == "consulted"


def test_who_leaves_counts_no_longer_and_with_two_left_the_purchase_ends(city: City) -> None:
    reviewed(city)
    leave(city, "bidder-2", "交货期无法满足")
    with pytest.raises(service.NobodyToLeave):
        leave(city, "bidder-2")
    with pytest.raises(service.NotConsultedWith):
        talk(city, "bid-2")
    for bid_id in ("bid-1", "bid-3"):
        talk(city, bid_id)
    end(city)

    with city.database.read() as tx:
        gone = [(row.bid_id, row.reason) for row in tx.scalars(select(Departure))]
        [failed] = tx.scalars(select(Notice)).all()
    assert gone == [("bid-2", "交货期无法满足")]
    assert state(city) == "failed"
    assert (failed.kind, failed.fields["reason"]) == (
        "failed",
        "符合要求的供应商不足 3 家，依据财库〔2014〕214号第21条、第34条终止本次竞争性磋商采购活动。",
    )


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(
    ("ground", "leave_too", "state_then", "reason"),
    [
        (Ground.SERVICES, [], "consulted", None),
        (Ground.RESEARCH, [], "consulted", None),
        (Ground.SERVICES, ["bidder-1"], "failed", "不足 2 家，依据财库〔2015〕124号终止"),
        (
            Ground.RESEARCH,
            ["bidder-1"],
            "failed",
            "不足 2 家，依据财库〔2014〕214号第3条、第21条、第34条终止",
        ),
    ],
)
def test_two_go_on_where_the_law_lets_them_and_one_never(
    city: City, ground: Ground, leave_too: list[str], state_then: str, reason: str | None
) -> None:
    """214号 art. 21, 34 for research; 124号 for services, once the consultation is under way."""
    with city.database.transaction() as tx:
        tender = tx.get_one(Tender, "tender-1")
        tender.content = {**tender.content, "ground": ground}
    reviewed(city)
    for who in ("bidder-2", *leave_too):
        leave(city, who)
    talk(city, "bid-3")
    if not leave_too:
        talk(city, "bid-1")
    end(city)

    with city.database.read() as tx:
        said = [str(one.fields["reason"]) for one in tx.scalars(select(Notice))]
    assert state(city) == state_then
    assert said == ([] if reason is None else [f"符合要求的供应商{reason}本次竞争性磋商采购活动。"])


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({"ground": Ground.SERVICES, "procures": "services"}, True),
        ({"ground": Ground.SERVICES, "procures": "goods"}, False),
        ({"ground": Ground.WORKS, "procures": "services"}, False),
        ({"ground": Ground.RESEARCH, "procures": "goods"}, True),
        ({"ground": Ground.RESEARCH, "procedure": "tender"}, False),
        ({"scoring": Scoring(least_valid=1)}, False),
        ({"ground": Ground.RESEARCH, "scoring": Scoring(least_valid=2)}, True),
    ],
)
def test_a_ground_fits_what_is_bought_and_no_document_asks_for_fewer(
    changes: dict[str, object], fits: bool
) -> None:
    asked = msgspec.structs.replace(CONSULTED, **changes)

    if fits:
        check_content(asked, rule_set("gp-2026"))
    else:
        with pytest.raises(InconsistentTender):
            check_content(asked, rule_set("gp-2026"))


def test_nothing_is_scored_or_called_for_before_the_consultation_has_ended(
    city: City, platform: Platform
) -> None:
    reviewed(city)
    keys, store = platform.wrapper, platform.store

    with city.database.transaction() as tx:
        at, agency, other = clock.now(tx), actor_of_user(tx, "agency"), actor_of_user(tx, "other-agency")
        with pytest.raises(sheets.NotScored):
            sheets.save(tx, city.lot_id, given={}, actor=actor_of_user(tx, LEADER), at=at)
        with pytest.raises(NotConsulted):
            calling.call(tx, keys, store, city.lot_id, actor=agency, at=at)
        with pytest.raises(NotFound):
            calling.call(tx, keys, store, city.lot_id, actor=other, at=at)


@pytest.mark.parametrize("who", ["bidder-1", "other-agency", "other-tenderer", "regulator", "outside-expert"])
def test_what_was_talked_about_is_shown_to_nobody_else(city: City, sign_in: SignIn, who: str) -> None:
    reviewed(city)
    talk(city, "bid-1")

    answer = sign_in(who).get(f"/consultation/{city.lot_id}")

    assert answer.status_code in (403, 404)
    assert "承诺质保期五年" not in answer.text


def test_the_pages_say_what_comes_next_to_each(city: City, sign_in: SignIn) -> None:
    reviewed(city)
    page = f"/consultation/{city.lot_id}"
    leader = sign_in(LEADER)
    for bid_id in PASSING:
        sent = leader.post(f"{page}/talks/{bid_id}", data={"notes": "已澄清。"}, follow_redirects=False)
        assert sent.status_code == 303
    to_end = leader.get(page).text
    ended = leader.post(f"{page}/end", data={"changes": "质保期改为五年。"}, follow_redirects=False)
    to_call = sign_in("agency").get(page).text
    own = sign_in("bidder-1").get(f"{page}/mine").text
    out = sign_in("bidder-4").get(f"{page}/mine").text

    assert "结束磋商" in to_end
    assert "不少于 3 家：首次响应、磋商后符合要求、最后报价、有效的最后报价" in to_end
    assert ended.status_code == 303
    assert "要求提交最后报价" in to_call
    assert "贵单位继续参加" in own
    assert "质保期改为五年" in own
    assert "未实质性响应磋商文件" in out
    assert "质保期改为五年" not in out


def test_final_offers_are_asked_for_on_the_same_terms_without_deposit_and_qualification() -> None:
    asked = msgspec.structs.replace(
        content(),
        procedure="consultation",
        parts=[PartRule(id=one, label=one, max_size=1) for one in ("summary", "deposit", "technical")],
        gates=[
            Gate(id="licence", label="许可证", article="2.1", kind="qualification"),
            Gate(id="period", label="交货期", article="2.3"),
        ],
    )

    final = calling.final_content(asked)

    assert (asked.consults, asked.ranks, asked.reads_out) == (True, False, False)
    assert (final.consults, final.ranks, final.reads_out) == (False, True, False)
    assert [part.id for part in final.parts] == ["summary", "technical"]
    assert [gate.id for gate in final.gates] == ["period"]
    assert (final.criteria, final.price) == (asked.criteria, asked.price)


@pytest.mark.parametrize(
    ("parts", "changes"),
    [
        (["summary", "deposit"], {"final": True}),
        (["summary"], {"final": True, "procedure": "tender"}),
        (["summary", "deposit"], {"public": True}),
    ],
)
def test_what_a_consultation_asks_for_holds_together(parts: list[str], changes: dict[str, object]) -> None:
    public = bool(changes.pop("public", False))
    wrong = msgspec.structs.replace(
        content(),
        **{
            "procedure": "consultation",
            "form": msgspec.structs.replace(
                content().form,
                fields=(msgspec.structs.replace(content().form.fields[0], id="price_fen"),),
            ),
            "parts": [PartRule(id=one, label=one, max_size=1, public=public) for one in parts],
            **changes,
        },
    )

    with pytest.raises(InconsistentTender):
        check_content(wrong, rule_set("gp-2026"))


@pytest.mark.parametrize(
    ("final", "rule", "late", "early", "article"),
    [
        (False, "G04.consultation", "2026-09-11T00:00", "2026-09-10T23:59", "10"),
        (True, "final_offer.least", "2026-09-01T10:00", "2026-09-01T09:59", ""),
    ],
)
def test_each_intake_has_its_least_time(final: bool, rule: str, late: str, early: str, article: str) -> None:
    """Ten days from the notice (财库〔2014〕214号 art. 10); an hour for final offers is a default."""
    rules = rule_set("gp-2026")
    asked = msgspec.structs.replace(content(), procedure="consultation", final=final)
    begun = _beijing("2026-09-01T09:00")

    found = least_time(rules, asked)
    check_gap(rules, found, begun, _beijing(late), calendar=CALENDAR)
    with pytest.raises(PeriodTooShort) as short:
        check_gap(rules, found, begun, _beijing(early), calendar=CALENDAR)

    assert found == rule
    assert short.value.data["rule"] == rule
    assert article in str(rules[rule].basis)


def test_a_group_has_three_members_whatever_the_purchase_costs() -> None:
    rules = rule_set("gp-2026")

    assert [least_members(rules, 20_000_000_00, procedure=one) for one in ("consultation", "tender")] == [
        3,
        7,
    ]
    assert rules.under("G11", "consultation").number == 3


def test_who_left_gets_its_deposit_back_at_once_and_who_may_have_forfeited_it_does_not() -> None:
    stand = {"losers_after": "AWARD_NOTICE", "ended": None, "announced": False, "signed": False}
    found = [
        trigger_of(Security(won=False, forfeitable=forfeitable, left=left), **stand)  # type: ignore[arg-type]
        for forfeitable, left in ((False, True), (True, True), (False, False))
    ]

    assert found == [Trigger.LEFT, None, None]


def test_who_remains_passes_and_did_not_leave() -> None:
    assert remaining(["a", "b", "c"], {"b"}) == ["a", "c"]
    assert unheard(["a", "c"], {"c", "d"}) == ["a"]


def _beijing(text: str) -> datetime:
    return datetime.fromisoformat(text + "+08:00").astimezone(UTC)
