"""The pure part: hashes as `sha256sum` computes them, fair draws, and documents that were tampered with."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from trading.draws import replay, replay_words
from trading.draws.cli import draw
from trading.draws.replay import Contribution, Decline, Document, Excluded, Quota

DRAW = "d1"
NAMES = ("platform", "regulator", "tenderer")
POOL = [f"e{number:02}" for number in range(1, 21)]


def sha256sum(text: str) -> str:
    """The hash that the program of every Linux prints for a text."""
    return (
        subprocess.run(["sha256sum"], input=text.encode(), capture_output=True, check=True)
        .stdout[:64]
        .decode()
    )


def value(number: int, name: str) -> str:
    return hashlib.sha256(f"{number} {name}".encode()).hexdigest()


def document(*, declines: tuple[str, ...] = ()) -> Document:
    quotas = [Quota(name="cost", number=2, of=POOL[:10]), Quota(name="law", number=3, of=POOL[5:])]
    exclusions = [Excluded(id="e98", reason="employer"), Excluded(id="e99", reason="relative")]
    reveals = {name: value(1, name) for name in NAMES}
    pool = replay.pool_hash(POOL)
    seed = replay.seed(DRAW, pool, reveals)
    tickets = replay.order(seed, POOL)
    gone = [Decline(id=one, reason="ill") for one in declines]
    return Document(
        schema=replay.SCHEMA,
        draw_id=DRAW,
        purpose="experts",
        regime="TB",
        pool=POOL,
        exclusions=exclusions,
        quotas=quotas,
        pool_hash=pool,
        exclusions_hash=replay.exclusions_hash(exclusions),
        quotas_hash=replay.quotas_hash(quotas),
        contributors=[
            Contribution(
                name=name,
                commitment=replay.commitment(DRAW, name, reveals[name]),
                reveal=reveals[name],
                opened="own",
            )
            for name in NAMES
        ],
        seed=seed,
        tickets=tickets,
        declines=gone,
        taken=replay.take(tickets, quotas, gone),
    )


def test_every_hash_of_a_draw_is_what_sha256sum_prints():
    found = document()

    one = found["contributors"][0]
    values = "".join(value(1, name) for name in NAMES)
    assert found["pool_hash"] == sha256sum("\n".join(POOL) + "\n")
    assert found["exclusions_hash"] == sha256sum("e98 employer\ne99 relative\n")
    assert found["quotas_hash"] == sha256sum(f"cost 2 {' '.join(POOL[:10])}\nlaw 3 {' '.join(POOL[5:])}\n")
    assert one["commitment"] == sha256sum(f"bidseal/v1/draw-commit\n{DRAW}\nplatform\n{one['reveal']}")
    assert found["seed"] == sha256sum(f"bidseal/v1/draw-seed\n{DRAW}\n{found['pool_hash']}{values}")
    assert {one["id"]: one["ticket"] for one in found["tickets"][:3]} == {
        one["id"]: sha256sum(f"bidseal/v1/ticket\n{found['seed']}\n{one['id']}")
        for one in found["tickets"][:3]
    }


def test_twenty_thousand_draws_of_five_from_twenty_are_uniform():
    draws, counts = 20_000, Counter[str]()
    for number in range(draws):
        seed = replay.sha256(f"simulated draw {number}")
        tickets = replay.order(seed, POOL)
        counts.update(one["id"] for one in replay.take(tickets, [Quota(name="all", number=5, of=POOL)]))

    expected = draws * 5 / 20
    # Five different ones are taken each time, so a count varies 15/19 as much as the statistic's 19 freedoms ask.
    statistic = sum((counts[one] - expected) ** 2 for one in POOL) / expected * 19 / 15
    assert sum(counts.values()) == draws * 5
    assert chi_square_p(statistic, 19) > 0.001


def chi_square_p(statistic: float, freedoms: int) -> float:
    """The chance of a greater statistic, by the series of the incomplete gamma function."""
    a, x = freedoms / 2, statistic / 2
    term = total = 1 / a
    for step in range(1, 1000):
        term *= x / (a + step)
        total += term
    return 1 - total * math.exp(-x + a * math.log(x) - math.lgamma(a))


def test_the_chance_is_that_of_the_tables():
    assert round(chi_square_p(30.144, 19), 4) == 0.05
    assert round(chi_square_p(43.820, 19), 4) == 0.001


def test_nobody_fills_two_places_and_the_quotas_come_in_turn():
    found = document()

    order = [one["id"] for one in found["tickets"]]
    cost = [one for one in order if one in POOL[:10]][:2]
    law = [one for one in order if one in POOL[5:] and one not in cost][:3]
    assert found["taken"] == [{"quota": "cost", "id": one} for one in cost] + [
        {"quota": "law", "id": one} for one in law
    ]


def test_who_declines_gives_way_to_the_next_and_nobody_else_moves():
    before = [(one["quota"], one["id"]) for one in document()["taken"]]
    quota, gone = before[0]
    ids = [one["id"] for one in document()["tickets"]]

    after = [(one["quota"], one["id"]) for one in document(declines=(gone,))["taken"]]

    seated = {one for _, one in before}
    following = next(one for one in ids if one in POOL[:10] and one not in seated)
    assert after == [*before[1:], (quota, following)]


def test_who_is_unable_before_being_taken_is_passed_over():
    taken = [one["id"] for one in document()["taken"]]
    waiting = next(
        one["id"] for one in document()["tickets"] if one["id"] not in taken and one["id"] in POOL[:10]
    )

    after = [one["id"] for one in document(declines=(waiting, taken[0]))["taken"]]

    assert waiting not in after
    assert len(after) == 5


def test_a_quota_that_runs_out_stays_short():
    tickets = replay.order(replay.sha256("x"), ["a", "b"])

    taken = replay.take(tickets, [Quota(name="q", number=3, of=["a", "b"])], [Decline(id="a", reason="ill")])

    assert taken == [{"quota": "q", "id": "b"}]


@pytest.mark.parametrize("declines", [(), ("e07",), tuple(POOL[:12])])
def test_an_honest_document_holds_in_every_step(declines: tuple[str, ...]):
    found = document(declines=declines)

    checks = replay.verify(replay.read(replay.canonical(found)))

    assert [one.code for one in checks if not one.holds] == []
    assert [one.code for one in checks] == [
        "purpose",
        "pool",
        "exclusions",
        "quotas",
        "contributors",
        *["commitment"] * 3,
        "seed",
        "tickets",
        "taken",
    ]


def changed(path: str, new: object) -> Document:
    found: object = copy.deepcopy(document())
    *way, last = [int(one) if one.isdigit() else one for one in path.split(".")]
    place = found
    for one in way:
        place = place[one]
    place[last] = new
    return found


TAMPERED = [
    ("purpose", "winner", ["purpose"]),
    ("purpose", "parallel", ["purpose"]),
    ("pool", [*POOL, "e21"], ["pool", "tickets"]),
    ("pool", [*POOL[1:], POOL[0]], ["pool"]),
    ("exclusions.0.id", "e01", ["exclusions"]),
    ("exclusions.0.reason", "none", ["exclusions"]),
    ("quotas.0.number", 1, ["quotas", "taken"]),
    ("contributors.1.reveal", value(2, "regulator"), ["commitment", "seed"]),
    ("contributors.1.commitment", value(2, "regulator"), ["commitment"]),
    ("contributors.1.name", "auditor", ["contributors", "commitment", "seed"]),
    ("draw_id", "d2", ["commitment"] * 3 + ["seed"]),
    ("seed", value(3, "seed"), ["seed", "tickets"]),
    ("tickets.0.ticket", "0" * 64, ["tickets"]),
    ("taken.0.id", "e20", ["taken"]),
    ("declines", [{"id": document()["taken"][0]["id"], "reason": "ill"}], ["taken"]),
]


@pytest.mark.parametrize(("path", "new", "wrong"), TAMPERED)
def test_a_changed_document_is_told_in_the_step_that_no_longer_holds(
    path: str, new: object, wrong: list[str]
):
    checks = replay.verify(changed(path, new))

    assert [one.code for one in checks if not one.holds] == wrong


def test_two_contributors_make_no_draw():
    found = document()
    found["contributors"] = found["contributors"][:2]

    assert [one.code for one in replay.verify(found) if not one.holds] == ["contributors", "seed"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"schema": "draw/2"}',
        replay.canonical(document()).replace(b",", b", ", 1),
        replay.canonical(changed("pool", ["a b"])),
        replay.canonical(changed("quotas.0.number", True)),
        replay.canonical(changed("quotas.0.number", 0)),
        replay.canonical(changed("seed", "00")),
        replay.canonical({**document(), "more": 1}),
        replay.canonical(changed("taken", [{"quota": "cost"}])),
    ],
)
def test_what_is_not_spelled_as_a_draw_is_no_draw(raw: bytes):
    with pytest.raises(replay.NotADraw):
        replay.read(raw)


def test_the_purposes_of_a_regime_are_those_of_its_law():
    assert "parallel" not in replay.LAWFUL["TB"]
    assert [one.holds for one in replay.verify({**document(), "regime": "GP", "purpose": "invitees"})] == [
        True
    ] * 11


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_tells_each_step_and_its_verdict(tmp_path: Path, language: str):
    right, wrong, junk = tmp_path / "right.json", tmp_path / "wrong.json", tmp_path / "junk.json"
    right.write_bytes(replay.canonical(document()))
    wrong.write_bytes(replay.canonical(changed("taken.0.id", "e20")))
    junk.write_text(json.dumps({}))

    runs = [
        CliRunner().invoke(draw, ["verify", str(one), "--language", language]) for one in (right, wrong, junk)
    ]

    assert [one.exit_code for one in runs] == [0, 1, 2]
    ok, bad = replay_words.MARKS[language]
    assert [line.split(":")[0] for line in runs[0].output.splitlines()[:-1]] == [ok] * 11
    assert [line.split(":")[0] for line in runs[1].output.splitlines()[:-1]] == [ok] * 10 + [bad]
    assert runs[0].output.splitlines()[-1] == replay_words.VERDICTS[language][0]
    assert runs[1].output.splitlines()[-1] == replay_words.VERDICTS[language][1].format(failed=1)
    assert replay_words.UNREADABLE[language].format(place="schema") in runs[2].output


def test_both_languages_have_words_for_every_step():
    steps = {one.code for one in replay.verify(document())}

    assert {language: set(words) for language, words in replay_words.STEPS.items()} == {
        "zh": steps,
        "en": steps,
    }


def test_the_replay_needs_nothing_of_the_platform():
    loaded = "import sys, trading.draws.cli; print(sorted({m.partition('.')[0] for m in sys.modules} & set(WATCHED)))"
    watched = "WATCHED = ['sqlalchemy', 'litestar', 'msgspec', 'cryptography', 'govcore', 'bidding_docs']; "

    said = subprocess.run(
        [sys.executable, "-c", watched + loaded], capture_output=True, text=True, check=True
    ).stdout

    assert said == "[]\n"
