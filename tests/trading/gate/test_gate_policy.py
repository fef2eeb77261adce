"""Outside the rule set `demo` a key manifest needs a gate and a witness apart, and custodians' own clients."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from guarding import OPERATOR, Guarded
from scene_city import ORGANISATIONS, SEATS, _draft, ordinary_content

from bidding_docs import age
from bidding_docs.codes import DuplicateRecipient, PolicyRefused
from govcore import clock
from govcore.errors import Problem
from govcore.identity.queries import actor_of_user
from govcore.settings import Settings
from trading.tender import gates, keys, queries
from trading.tender.schemas import CustodianKeys

Kind = Literal["cli", "hosted", "platform"]
OWN: tuple[Kind, Kind, Kind] = ("cli", "hosted", "platform")


def assembled(guarded: Guarded, lot: str, *clients: Kind) -> str:
    """Have all custodians give keys; the code of the refusal, or nothing. Nothing is kept either way."""
    platform = guarded.scene.platform
    try:
        with platform.db.transaction() as tx:
            for seat, client in zip(SEATS, clients or OWN, strict=True):
                recipients = {"opening": age.generate()[1]}
                keyid = guarded.scene.city.signers[seat].keyid
                given = CustodianKeys(cert_sha256=keyid, recipients=recipients, client=client)
                actor = actor_of_user(tx, seat)
                keys.register_keys(tx, platform.keys, lot, given, actor=actor, at=clock.now(tx))
            manifest = queries.key_manifest_body(tx, lot)
            assert [one.client for one in manifest.custodians] == list(clients or OWN)
            raise DuplicateRecipient  # to keep nothing
    except DuplicateRecipient:
        return ""
    except Problem as problem:
        return f"{problem.code}: {problem.data['detail']}"


@pytest.fixture
def lot(guarded: Guarded) -> str:
    """A lot under `demo-remote` whose gate has made its keys, and no custodian yet."""
    platform = guarded.scene.platform
    with platform.db.transaction() as tx:
        _, (found,) = _draft(tx, platform, lots=1, content=ordinary_content(), rule_set="demo-remote")
    gates.ask_for_keys(platform, found)
    return found


def with_settings(guarded: Guarded, settings: Settings) -> None:
    guarded.scene.platform.settings = settings
    guarded.scene.platform.db.info["settings"] = settings


def test_what_only_a_demonstration_may_do_is_refused(guarded: Guarded, lot: str) -> None:
    settings = guarded.scene.platform.settings
    found = {"as it must be": assembled(guarded, lot)}
    found["two pages of the platform's"] = assembled(guarded, lot, "platform", "platform", "cli")
    with_settings(guarded, replace(settings, gate_operator=ORGANISATIONS["regulator"][1]))
    found["the regulator runs the gate"] = assembled(guarded, lot)
    with_settings(guarded, replace(settings, gate_operator=""))
    found["nobody runs the gate"] = assembled(guarded, lot)
    with_settings(guarded, replace(settings, witnesses=()))
    found["no witness"] = assembled(guarded, lot)
    optional = tuple(replace(one, required=False) for one in settings.witnesses)
    with_settings(guarded, replace(settings, witnesses=optional))
    found["a witness for whom nothing waits"] = assembled(guarded, lot)
    with_settings(guarded, settings)
    found["again as it must be"] = assembled(guarded, lot)

    assert found == {
        "as it must be": "",
        "two pages of the platform's": "E_POLICY: too few custodians use a client that the platform does not serve",
        "the regulator runs the gate": "E_POLICY: the time gate is run by a custodian's organisation",
        "nobody runs the gate": "E_POLICY: there is no time gate",
        "no witness": "E_POLICY: no witness must cosign the log",
        "a witness for whom nothing waits": "E_POLICY: no witness must cosign the log",
        "again as it must be": "",
    }
    assert OPERATOR not in {uscc for _, uscc in ORGANISATIONS.values()}


def test_without_a_gate_no_key_is_asked_for(guarded: Guarded) -> None:
    platform = guarded.scene.platform
    with platform.db.transaction() as tx:
        _, (found,) = _draft(tx, platform, lots=1, content=ordinary_content(), rule_set="demo-remote")
    with_settings(guarded, replace(platform.settings, gate_url=None))

    with pytest.raises(PolicyRefused):
        gates.ask_for_keys(platform, found)

    with platform.db.read() as tx:
        assert gates.recipients_of(tx, found) == {}
