"""tlog-policy files, and the setting that names the platform's witnesses."""

from __future__ import annotations

import pytest
from log_factories import KEY, VKEY, Key

from govcore.audit import note
from govcore.audit.note import COSIGNATURE, Note, TreeHead, VerifierKey
from govcore.audit.tlog_policy import Policy, PolicyError, Witness, policy_text
from govcore.settings import Settings, SettingsError

HEAD = TreeHead("city.example/log/2026", 64, bytes(32))
KEYS = {name: Key(name.encode().ljust(32)) for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")}
VKEYS = {name: VerifierKey(f"{name}.example", key.public_bytes, COSIGNATURE) for name, key in KEYS.items()}

EXAMPLE = f"""# The example of the specification, with keys.
log {VKEY}  https://log.example

witness X1 {VKEYS["X1"]}
witness X2\t{VKEYS["X2"]} https://x2.example
  witness X3 {VKEYS["X3"]}
group X-witnesses 2 X1 X2 X3

witness Y1 {VKEYS["Y1"]}
witness Y2 {VKEYS["Y2"]}
witness Y3 {VKEYS["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def cosigned(*names: str) -> Note:
    lines = [
        note.cosign(HEAD.text, name=VKEYS[name].name, signer=KEYS[name], seconds=1_790_000_000)
        for name in names
    ]
    return note.parse_note(note.sign(HEAD, KEY) + "".join(lines))


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        (("X1", "X3", "Y2"), True),
        (("X1", "X2", "X3", "Y1"), True),
        (("X1", "Y1", "Y2", "Y3"), False),
        (("X1", "X2", "X3"), False),
        ((), False),
    ],
)
def test_a_quorum_of_groups_counts_members(names: tuple[str, ...], enough: bool) -> None:
    assert Policy.parse(EXAMPLE).witnessed(cosigned(*names)) is enough


def test_a_policy_names_its_logs() -> None:
    assert Policy.parse(EXAMPLE).logs == (VKEY,)


def test_no_quorum_needs_no_witness() -> None:
    policy = Policy.parse("quorum none\n")

    assert policy.witnessed(cosigned())
    assert not policy.needs_witnesses


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log {VKEY}\n",
        "quorum X1\n",
        "quorum none\nquorum none\n",
        f"log {VKEYS['X1']}\nquorum none\n",
        f"witness X1 {VKEY}\nquorum X1\n",
        f"witness none {VKEYS['X1']}\nquorum none\n",
        f"witness X1 {VKEYS['X1']}\nwitness X2 {VKEYS['X1']}\nquorum X1\n",
        f"witness X1 {VKEYS['X1']}\nwitness X1 {VKEYS['X2']}\nquorum X1\n",
        f"witness X1 {VKEYS['X1']}\ngroup g 2 X1\nquorum g\n",
        f"witness X1 {VKEYS['X1']}\ngroup g 0 X1\nquorum g\n",
        f"witness X1 {VKEYS['X1']}\ngroup g all\nquorum X1\n",
        f"witness X1 {VKEYS['X1']}\ngroup g any X1 X1\nquorum g\n",
        f"witness X1 {VKEYS['X1']}\ngroup g any X1\ngroup h any X1\nquorum g\n",
        f"group g any X1\nwitness X1 {VKEYS['X1']}\nquorum g\n",
        "trust everybody\nquorum none\n",
        "quorum none\r\n",
        "quorum\u000bnone\n",
    ],
)
def test_what_the_specification_does_not_allow_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        Policy.parse(text)


def test_what_is_published_can_be_read_again() -> None:
    two = [Witness("http://x", VKEYS["X1"], True), Witness("http://y", VKEYS["Y1"], True)]
    one_of_two = [*two[:1], Witness("http://y", VKEYS["Y1"])]

    assert Policy.parse(policy_text(VKEY, two)).witnessed(cosigned("X1", "Y1"))
    assert not Policy.parse(policy_text(VKEY, two)).witnessed(cosigned("X1"))
    assert Policy.parse(policy_text(VKEY, one_of_two)).witnessed(cosigned("X1"))
    assert not Policy.parse(policy_text(VKEY, one_of_two)).witnessed(cosigned("Y1"))
    assert not Policy.parse(policy_text(VKEY, [])).needs_witnesses


def test_witnesses_are_named_by_the_setting() -> None:
    text = f"https://x.example/w/ {VKEYS['X1']} required,\n http://127.0.0.1:7380 {VKEYS['Y1']}"

    assert Settings.from_environ({"TRADING_WITNESSES": text}).witnesses == (
        Witness("https://x.example/w", VKEYS["X1"], True),
        Witness("http://127.0.0.1:7380", VKEYS["Y1"], False),
    )
    assert Settings.from_environ({}).witnesses == ()


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example",
        f"x.example {VKEYS['X1']}",
        f"https://x.example {VKEY}",
        f"https://x.example {VKEYS['X1']} needed",
        f"https://x.example {VKEYS['X1']},https://y.example {VKEYS['X1']}",
        "https://x.example nonsense",
    ],
)
def test_a_setting_that_names_no_witness_stops_the_process(text: str) -> None:
    with pytest.raises(SettingsError, match="TRADING_WITNESSES"):
        Settings.from_environ({"TRADING_WITNESSES": text})
