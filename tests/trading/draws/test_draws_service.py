"""A draw from its announcement to its substitutes, and everybody who would like to steer it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from drawing import EXPERTS, QUOTAS, Drawing, value_of
from scene import Scene
from scene_facts import events as logged

from bidding_docs.codes import CapsuleUnreadable, ContextMismatch
from govcore import clock
from govcore.errors import Forbidden, Malformed, MoveNotAllowed, NotFound
from govcore.identity.queries import actor_of_user
from trading.draws import custody, escrow, moves, queries, replay, service
from trading.draws.policy import DrawState, Purpose
from trading.draws.replay import Excluded, Quota


@pytest.fixture
def drawing(scene: Scene) -> Drawing:
    return Drawing(scene)


def read(drawing: Drawing, user: str = "regulator") -> replay.Document:
    with drawing.scene.platform.db.read() as tx:
        return queries.document(tx, drawing.draw_id, actor=actor_of_user(tx, user))


def events(drawing: Drawing) -> list[tuple[str, dict[str, object]]]:
    """What the log tells of the draw, in its order."""
    return [(one["type"], one["data"]) for one in logged(drawing.scene) if one["subject"] == drawing.draw_id]


def test_a_draw_is_what_its_document_replays(drawing: Drawing):
    drawing.drawn()

    found = read(drawing)

    assert [one.holds for one in replay.verify(replay.read(replay.canonical(found)))] == [True] * 11
    assert [(one["name"], one["opened"]) for one in found["contributors"]] == [
        ("platform", "own"),
        ("regulator", "own"),
        ("tenderer", "own"),
    ]
    assert [one["quota"] for one in found["taken"]] == ["cost"] * 3 + ["law"] * 2


def test_the_pool_is_in_the_log_before_the_commitments_and_these_before_the_values(drawing: Drawing):
    drawing.drawn()

    told = events(drawing)

    assert [name for name, _ in told] == [
        "draw.blind_announced",
        "draw.blind_begun",
        "draw.blind_committed",
        "draw.blind_committed",
        "draw.blind_committed",
        "draw.blind_closed",
        "draw.blind_revealed",
        "draw.blind_revealed",
        "draw.blind_revealed",
        "draw.blind_drawn",
    ]
    assert told[0][1]["pool_hash"] == replay.pool_hash(EXPERTS)
    assert told[0][1]["quotas_hash"] == replay.quotas_hash(QUOTAS)
    assert told[0][1]["exclusions_hash"] == replay.exclusions_hash([Excluded(id="x99", reason="employer")])
    assert told[2][1]["name"] == "platform"
    assert told[-1][1] == {"seed": read(drawing)["seed"]}
    assert not any(f"'{expert}'" in str(told) for expert in EXPERTS)  # whole: base64 may spell "x12"


def test_nobody_but_supervision_reads_a_draw_before_it_is_published(drawing: Drawing):
    drawing.drawn()

    for stranger in ("tenderer", "agency", "bidder-1"):
        with pytest.raises(NotFound):
            read(drawing, stranger)
    with drawing.scene.platform.db.transaction() as tx:
        service.publish(tx, drawing.draw_id, at=clock.now(tx))
        service.publish(tx, drawing.draw_id, at=clock.now(tx))

    assert read(drawing, "bidder-1") == read(drawing)
    assert [name for name, _ in events(drawing)].count("draw.blind_published") == 1


def test_without_all_keys_of_the_custodians_a_draw_waits_and_then_is_void(drawing: Drawing):
    drawing.give_keys(1, 3)
    drawing.announce()
    drawing.advance()
    assert drawing.row().state == DrawState.ANNOUNCED

    drawing.scene.move_clock(minutes=21)
    drawing.give_keys(2)
    drawing.advance()

    assert (drawing.row().state, drawing.row().void_cause) == (DrawState.VOID, "keys")


def test_two_commitments_are_not_enough(drawing: Drawing):
    drawing.begun()
    drawing.commit("tenderer")

    drawing.scene.move_clock(minutes=21)
    drawing.advance()
    drawing.advance()

    assert (drawing.row().state, drawing.row().void_cause) == (DrawState.VOID, "few")
    again = drawing.announce()
    assert drawing.row().number == 2
    assert drawing.draw_id == again


def test_a_draw_that_is_not_void_is_not_repeated(drawing: Drawing):
    drawing.drawn()

    with pytest.raises(service.DrawExists):
        drawing.announce()


def test_the_sweep_may_come_twice_or_late(drawing: Drawing):
    drawing.committed()
    drawing.scene.move_clock(days=1)
    for name in ("tenderer", "regulator"):
        drawing.reveal(name)
    for _ in range(3):
        drawing.advance()

    assert drawing.row().state == DrawState.DRAWN
    assert [name for name, _ in events(drawing)].count("draw.blind_drawn") == 1


def test_a_commitment_counts_once_and_cannot_be_changed(drawing: Drawing):
    drawing.begun()
    given = drawing.sealed("tenderer")

    drawing.commit("tenderer", given)
    drawing.commit("tenderer", given)

    with pytest.raises(service.CommittedAlready):
        drawing.commit("tenderer", drawing.sealed("tenderer", value_of("a better one")))
    assert [name for name, _ in events(drawing)].count("draw.blind_committed") == 2


def test_commitments_end_with_their_time(drawing: Drawing):
    drawing.begun()
    drawing.scene.move_clock(minutes=20)

    with pytest.raises(service.CommitmentsClosed):
        drawing.commit("regulator")


def test_a_value_is_not_taken_before_the_commitments_are_closed(drawing: Drawing):
    drawing.begun()
    drawing.commit("tenderer")

    with pytest.raises(service.RevealsClosed):
        drawing.reveal("tenderer")


def test_another_value_than_the_one_committed_to_is_refused_by_name(drawing: Drawing):
    drawing.committed()

    for wrong in (value_of("other"), "00", value_of("tenderer").upper()):
        with pytest.raises(service.WrongReveal) as refused:
            drawing.reveal("tenderer", wrong)
        assert refused.value.data == {"name": "tenderer"}

    drawing.reveal("tenderer")
    drawing.reveal("tenderer")
    assert [name for name, _ in events(drawing)].count("draw.blind_revealed") == 2


def test_strangers_can_neither_commit_nor_reveal_nor_open(drawing: Drawing):
    drawing.committed()
    drawing.scene.move_clock(minutes=6)

    with pytest.raises(Forbidden):
        drawing.commit("tenderer", user="agency")
    with pytest.raises(NotFound):
        drawing.commit("tenderer", user="bidder-1")
    with pytest.raises(NotFound):
        drawing.reveal("tenderer", user="bidder-1")
    with pytest.raises(NotFound):
        drawing.open_escrow(1, "tenderer", user="regulator")


def test_a_withheld_value_is_opened_by_k_custodians_and_changes_nothing(drawing: Drawing):
    drawing.committed()
    drawing.reveal("regulator")
    with pytest.raises(custody.EscrowEarly):
        drawing.open_escrow(1, "tenderer")
    drawing.scene.move_clock(minutes=6)

    drawing.open_escrow(1, "tenderer")
    drawing.advance()
    assert drawing.row().state == DrawState.REVEALING
    drawing.open_escrow(3, "tenderer")
    drawing.open_escrow(2, "tenderer")
    drawing.advance()

    found = read(drawing)
    assert {
        one["name"]: (one["reveal"], one["opened"])
        for one in found["contributors"]
        if one["name"] == "tenderer"
    } == {"tenderer": (value_of("tenderer"), "escrow")}
    assert [one.holds for one in replay.verify(found)] == [True] * 11


def test_who_withholds_may_still_come_late(drawing: Drawing):
    drawing.committed()
    drawing.reveal("regulator")
    drawing.scene.move_clock(hours=3)
    drawing.open_escrow(2, "tenderer")

    drawing.reveal("tenderer")
    drawing.open_escrow(1, "tenderer")
    drawing.advance()

    assert read(drawing)["contributors"][2]["opened"] == "own"


def test_a_custodian_cannot_show_another_share_than_the_one_it_was_given(drawing: Drawing):
    drawing.committed()
    drawing.scene.move_clock(minutes=6)

    with pytest.raises(CapsuleUnreadable):
        drawing.open_escrow(1, "tenderer", proof=bytes(16))
    with pytest.raises(CapsuleUnreadable):
        drawing.open_escrow(1, "tenderer", proof=b"")


def test_who_escrowed_another_value_makes_the_draw_void_by_name_and_is_replaced(drawing: Drawing):
    drawing.begun()
    drawing.commit("regulator")
    drawing.commit("tenderer", drawing.sealed("tenderer", escrowed=value_of("something else")))
    drawing.advance()
    drawing.reveal("regulator")
    drawing.scene.move_clock(minutes=6)

    for index in (1, 2, 3):
        drawing.open_escrow(index, "tenderer")

    assert (drawing.row().state, drawing.row().void_cause, drawing.row().void_by) == (
        "void",
        "escrow",
        "tenderer",
    )
    assert events(drawing)[-1] == ("draw.blind_voided", {"cause": "escrow", "by": "tenderer"})
    drawing.announce()
    with drawing.scene.platform.db.read() as tx:
        names = [one.name for one in queries.contributors(tx, drawing.draw_id)]
    assert names == ["centre", "platform", "regulator"]


def test_a_capsule_of_another_draw_stays_closed(drawing: Drawing):
    drawing.begun()
    given = drawing.sealed("tenderer")

    for other in ({"draw_id": "other"}, {"name": "regulator"}, {"custodian": 2}):
        asked = {"draw_id": drawing.draw_id, "name": "tenderer", "custodian": 1, **other}
        with pytest.raises(ContextMismatch):
            escrow.prove(given.capsules[1], drawing.identities[1], **asked)


def test_a_commitment_without_a_capsule_for_each_custodian_is_refused(drawing: Drawing):
    drawing.begun()
    given = drawing.sealed("tenderer")

    for capsules in (
        {},
        {1: given.capsules[1]},
        {**given.capsules, 4: b"x"},
        {**given.capsules, 1: bytes(5000)},
    ):
        with pytest.raises(moves.BadEscrow):
            drawing.commit("tenderer", escrow.Committing(commitment=given.commitment, capsules=capsules))


def test_who_is_drawn_gives_way_to_the_next_ticket(drawing: Drawing):
    drawing.drawn()
    first = read(drawing)["taken"]

    with drawing.scene.platform.db.transaction() as tx:
        for _ in range(2):
            after = service.decline(
                tx, drawing.draw_id, first[0]["id"], reason="ill", actor="u-draw", at=clock.now(tx)
            )

    assert after[:-1] == first[1:]
    assert after[-1]["quota"] == "cost"
    assert [one.holds for one in replay.verify(read(drawing))] == [True] * 11
    assert [name for name, _ in events(drawing)].count("draw.blind_declined") == 1


def test_only_somebody_of_the_pool_gives_way_and_only_after_the_draw(drawing: Drawing):
    drawing.committed()
    with drawing.scene.platform.db.transaction() as tx, pytest.raises(MoveNotAllowed):
        service.decline(tx, drawing.draw_id, "x01", reason="ill", actor="u", at=clock.now(tx))
    for name in ("tenderer", "regulator"):
        drawing.reveal(name)
    drawing.advance()

    with drawing.scene.platform.db.transaction() as tx, pytest.raises(service.NotInPlace):
        service.decline(tx, drawing.draw_id, "x99", reason="ill", actor="u", at=clock.now(tx))


@pytest.mark.parametrize("purpose", [Purpose.INVITEES, Purpose.PARALLEL, Purpose.SAME_BRAND, "winner"])
def test_bidders_candidates_and_winners_of_works_cannot_be_drawn(drawing: Drawing, purpose: Purpose):
    with pytest.raises(service.NotDrawn) as refused:
        drawing.announce(purpose)

    assert "1117号" in str(refused.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"pool": []},
        {"pool": ["x01", "x01"], "quotas": []},
        {"pool": ["an expert"], "quotas": []},
        {"exclusions": [Excluded(id="x01", reason="employer")]},
        {"quotas": [Quota(name="cost", number=1, of=["x77"])]},
        {"quotas": [QUOTAS[0], QUOTAS[0]]},
    ],
)
def test_a_pool_that_does_not_fit_its_terms_is_refused(drawing: Drawing, changed: dict[str, object]):
    with pytest.raises(Malformed):
        drawing.announce(**changed)


def test_held_reveals_wait_for_what_the_draw_is_applied_to(drawing: Drawing):
    drawing.committed(Purpose.OPENING, held=True)
    assert drawing.row().state == DrawState.COMMITTING

    with drawing.scene.platform.db.transaction() as tx:
        service.release_reveals(tx, drawing.draw_id, at=clock.now(tx))
    drawing.advance()

    assert drawing.row().state == DrawState.REVEALING
    assert [name for name, _ in events(drawing)][:3] == ["draw.announced", "draw.begun", "draw.committed"]


def test_the_values_of_an_opening_are_those_of_its_tickets(drawing: Drawing):
    pool = ["K=0.01", "K=0.02", "delta=0.1", "bid.b1", "bid.b2", "bid.b3"]
    quotas = [Quota(name="K", number=1, of=pool[:2]), Quota(name="delta", number=1, of=pool[2:3])]
    drawing.drawn(Purpose.OPENING, pool=pool, quotas=quotas, exclusions=[])

    with drawing.scene.platform.db.read() as tx:
        values = queries.drawn_values(tx, drawing.scene.lot)

    tickets = {one["id"]: one["ticket"] for one in read(drawing, "bidder-1")["tickets"]}
    assert values == {
        "draws": {"K": min("0.01", "0.02", key=lambda one: tickets[f"K={one}"]), "delta": "0.1"},
        "tickets": {one: tickets[f"bid.{one}"] for one in ("b1", "b2", "b3")},
    }
    with drawing.scene.platform.db.read() as tx:
        assert queries.drawn_values(tx, drawing.scene.city.lots[1]) == {"draws": {}, "tickets": {}}


def test_of_two_commitments_at_once_one_stands(drawing: Drawing):
    drawing.begun()
    given = [drawing.sealed("tenderer", value_of(name)) for name in ("one", "other")]

    def outcome(mine: escrow.Committing) -> str:
        try:
            drawing.commit("tenderer", mine)
        except service.CommittedAlready:
            return "refused"
        return mine.commitment

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(outcome, given))

    with drawing.scene.platform.db.read() as tx:
        stands = {one.name: one.commitment for one in queries.contributors(tx, drawing.draw_id)}["tenderer"]
        capsules = {one.data for one in queries.capsules(tx, drawing.draw_id, "tenderer")}
    assert sorted(found) == sorted(["refused", stands])
    assert capsules == set(next(one for one in given if one.commitment == stands).capsules.values())
