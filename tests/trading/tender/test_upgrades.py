"""No upgrade around a deadline: the command refuses and names the lots, and whoever insists is in the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from platforms import settings_for
from scene import Scene
from sqlalchemy import select, update

from govcore import setup
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.cli import main
from govcore.db import Database
from govcore.dsse import Envelope
from govcore.errors import Problem
from govcore.module import Registry, Undisturbed
from govcore.platform import Platform
from govcore.setup import Insisted
from govcore.upkeep import approvals, upgrading
from trading.tender import queries
from trading.tender.models import Lot
from trading.tender.policy import UNDISTURBED, LotState


def at_risk(scene: Scene, *, hours: float) -> list[str]:
    """The lots that must not be disturbed so many hours before the deadline."""
    with scene.platform.db.read() as tx:
        deadline = tx.scalar(select(Lot.deadline_at).where(Lot.id == scene.lot))
        assert deadline is not None
        return [one.subject for one in queries.undisturbed(tx, deadline - timedelta(hours=hours))]


def test_a_lot_must_not_be_disturbed_from_a_day_before_its_deadline_until_it_is_read_out(
    scene: Scene,
) -> None:
    before, near, after = (scene.lot in at_risk(scene, hours=hours) for hours in (24.1, 24, -1))
    states = {}
    for state in (LotState.CLOSED, LotState.OPENED, LotState.FAILED):
        with scene.platform.db.transaction() as tx:
            tx.execute(update(Lot).where(Lot.id == scene.lot).values(state=state))
        states[state] = scene.lot in at_risk(scene, hours=100)

    assert timedelta(hours=24) == UNDISTURBED
    assert (before, near, after) == (False, True, True)
    assert states == {LotState.CLOSED: True, LotState.OPENED: False, LotState.FAILED: False}


def test_the_command_names_the_lots_and_changes_nothing(scene: Scene, tmp_path: Path) -> None:
    settings = scene.platform.settings
    environ = {
        "TRADING_DATA": str(settings.data),
        "TRADING_DATABASE_URL": settings.database_url,
        "TRADING_DEMO": "1",
    }

    done = CliRunner(env=environ).invoke(main, ["migrate"])
    alone = CliRunner(env=environ).invoke(
        main, ["migrate", "--really", "a hole", "--ask", str(tmp_path / "request")]
    )

    assert done.exit_code == 1
    assert f"The deadline of lot {scene.lot} is " in done.output
    assert "let two operators sign for it" in done.output
    assert (alone.exit_code, "[E_OPERATORS]" in alone.output) == (1, True)
    assert not setup.is_current(settings)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_who_insists_is_logged_with_the_reason_and_the_lots(
    empty_database_url: str, registry: Registry, tmp_path: Path
) -> None:
    settings = settings_for(empty_database_url, tmp_path / "data")
    lots = [
        Undisturbed("lot-2", "The deadline of lot 2 is near."),
        Undisturbed("lot-1", "Lot 1 is being opened."),
    ]

    before = setup.at_risk(settings)
    names = ["city.example/li", "city.example/wang"]
    setup.migrate(settings, insisted=Insisted(lots, "a hole that is being used", names))
    again = setup.at_risk(settings)

    database = Database(settings.database_url)
    with database.read() as tx:
        events = [parse_event(raw) for raw in tx.scalars(select(LogOutbox.event))]
    database.dispose()
    assert (before, again) == ([], [])
    assert [one["data"] for one in events if one["type"] == setup.UPGRADED] == [
        {"objects": ["lot-1", "lot-2"], "reason": "a hole that is being used", "operators": names}
    ]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_two_operators_sign_for_one_upgrade_and_what_it_disturbs(platform: Platform, tmp_path: Path) -> None:
    wang, li = (
        approvals.new_key(tmp_path / name, name=f"city.example/{name}", passphrase=b"of a test, long")
        for name in ("wang", "li")
    )
    settings = replace(platform.settings, operators=(wang.vkey, li.vkey))
    near, other = Undisturbed("lot-1", "Its deadline is near."), Undisturbed("lot-2", "So is its.")
    at, registry = datetime(2026, 3, 2, 1, tzinfo=UTC), platform.registry

    def use_up(signed: Envelope, *found: Undisturbed) -> object:
        try:
            return upgrading.use_up(settings, registry, found, signed, at=at)
        except Problem as refusal:
            return refusal.code

    _, asked = upgrading.request(settings, registry, [near], "a hole", at=at, nonce="00")
    one = approvals.approve(asked, wang)
    both = approvals.approve(one, li)

    assert use_up(one, near) == "E_NOT_APPROVED"
    assert use_up(both, near, other) == "E_OPERATORS_REQUEST"  # another lot came near meanwhile
    assert use_up(both, near) == ("a hole", ["city.example/li", "city.example/wang"])
    assert use_up(both, near) == "E_OPERATORS_REQUEST"
