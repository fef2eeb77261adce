"""Bundles as pure documents: what each form holds, what a stranger computes again, what a changed digit does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.trading.evaluation.reference.tenders import Case, case_of
from tests.trading.evaluation.reference.worked import (
    bilateral,
    gates_only,
    opening_of,
    sheets_of,
    tender_of,
)
from trading.evaluation import bundles, recompute, recompute_words
from trading.evaluation.bundles import About, Bundle, LogEntry, Released
from trading.evaluation.cli import evaluation
from trading.evaluation.scoring import Refused, score

PRICES = ("9400", "9550", "9600", "9700", "9820", "9950", "10200.01")
ABOUT = About(tender="T-1", lot="T-1-01", lot_id="l1", evaluation=1)
RELEASED = Released(version=2, terms_sha256="ab" * 32)
LOG = [LogEntry(event="opening.read_out", leaf="cd" * 32)]
GUIDE = Path(__file__).parents[3] / "docs/guide/recompute-a-result.md"
WATCHED = ("sqlalchemy", "litestar", "celery", "msgspec", "cryptography", "govcore")


def bundle_of(case: Case) -> Bundle:
    tender, opening, sheets = case
    documents = {
        "tender_file": tender,
        "opening": opening,
        "sheets": sheets,
        "result": score(tender, opening, sheets),
    }
    return bundles.full(documents, about=ABOUT, released=RELEASED, log=LOG)


def works(**changes: Any) -> Case:
    """Seven bids, the last above the maximum price, with a drawn coefficient."""
    trimmed = {"family": "TRIM_MEAN_HL", "from": 5, "high": 1, "low": 1}
    drawn = {"family": "DRAW_K", "inner": trimmed, "form": "ONE_MINUS_K", "k": {"draw": "K"}}
    tender = tender_of(
        price=bilateral(drawn),
        max_price="10200",
        draws=[{"id": "K", "candidates": ["0.01", "0.02"]}],
        **changes,
    )
    opening = opening_of(*PRICES, draws={"K": "0.02"})
    return tender, opening, sheets_of(opening, "30", "35.50", "40")


@pytest.fixture
def full() -> Bundle:
    return bundle_of(works())


@pytest.fixture
def public(full: Bundle) -> Bundle:
    return bundles.public(full)


def failing(bundle: Bundle) -> list[str]:
    return [check.code for check in recompute.verify(bundle) if check.holds is False]


def unknown(bundle: Bundle) -> list[str]:
    return [check.code for check in recompute.verify(bundle) if check.holds is None]


def run(file: Path, bundle: Bundle | bytes, *options: str) -> Result:
    file.write_bytes(bundle if isinstance(bundle, bytes) else bundles.canonical(bundle))
    return CliRunner().invoke(evaluation, ["verify", str(file), *options])


def test_a_full_bundle_is_computed_again_to_the_last_digit(full: Bundle) -> None:
    checks = recompute.verify(full)

    assert all(check.holds for check in checks)
    assert [check.about for check in checks if check.code == "bid"] == [
        row["bid"] for row in full["documents"]["result"]["standings"]
    ]


def test_a_public_bundle_shows_prices_and_names_what_it_cannot(public: Bundle) -> None:
    checks = recompute.verify(public)

    assert {check.code for check in checks if check.holds is None} == {"sheets"}
    assert all(check.holds for check in checks if check.holds is not None)
    assert [check.about for check in checks if check.code == "benchmark"] == ["189483/20"]
    assert [check.about for check in checks if check.code == "total"] == [
        *("b1 59.61", "b2 59.20", "b3 58.67", "b4 57.62", "b5 56.35", "b6 54.98"),
    ]


def test_the_public_form_holds_nothing_of_the_sheets(full: Bundle) -> None:
    statement = {"words": None, "figures": "9400", "other": "9401", "sections": [], "lines": []}
    tender, opening, sheets = works(regime="TB")
    opening["bids"][0]["statement"] = statement
    sheets["reviews"]["b2"]["other"] = {"code": "collusion", "article": "art. 40", "reason": "The same hand"}

    whole = bundle_of((tender, opening, sheets))
    text = bundles.canonical(bundles.public(whole)).decode()

    assert "collusion" in bundles.canonical(whole).decode()
    for secret in ("35.50", "m1", "9401", "collusion", "The same hand", "reviews", whole["sha256"]["sheets"]):
        assert secret not in text
    assert set(bundles.public(whole)["documents"]) == {"tender_file", "opening", "published"}


def test_what_bore_on_a_price_behind_the_review_is_named_and_not_guessed() -> None:
    tender, opening, sheets = works()
    opening["bids"][0]["statement"] = {
        **{"words": "9410", "figures": "9400", "other": None, "sections": [], "lines": []},
    }
    sheets["reviews"]["b1"]["confirmed"] = True

    public = bundles.public(bundle_of((tender, opening, sheets)))

    assert public["documents"]["published"]["withheld"] == ["corrections"]
    assert failing(public) == []
    assert set(unknown(public)) == {"benchmark", "price", "corrections", "sheets"}


def test_the_lowest_price_is_ranked_again_from_what_was_read_out() -> None:
    opening = opening_of("900", "850", "900")
    public = bundles.public(bundle_of((gates_only(), opening, sheets_of(opening))))

    assert failing(public) == []
    standings = public["documents"]["published"]["standings"]
    standings[0]["bid"], standings[1]["bid"] = standings[1]["bid"], standings[0]["bid"]
    assert "order" in failing(public)


def sealed_again(bundle: Bundle) -> Bundle:
    """The bundle as somebody hands it on who changed a document and then all its hashes."""
    bundle["sha256"] = {name: bundles.sha256_of(one) for name, one in bundle["documents"].items()}
    bundle["digest"] = bundles.digest_of(bundle)
    return bundle


def digits(text: str) -> Iterator[int]:
    return (place for place, character in enumerate(text) if character.isdigit())


@pytest.mark.parametrize("form", ["full", "public"])
def test_every_changed_digit_is_found(form: str, full: Bundle, public: Bundle) -> None:
    text = bundles.canonical(full if form == "full" else public).decode()
    missed = []

    for place in digits(text):
        changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]
        try:
            read = bundles.read(changed.encode())
        except bundles.NotABundle:
            continue
        if bundles.digest_of(read) == read["digest"]:
            missed.append(place)

    assert missed == []


def test_a_digest_that_does_not_fit_is_told(public: Bundle) -> None:
    public["about"]["lot"] = "T-1-02"

    assert failing(public) == ["digest"]


def test_a_result_changed_together_with_its_hashes_is_found(full: Bundle) -> None:
    text = json.dumps(full["documents"]["result"])

    for place in list(digits(text))[::3]:
        changed = json.loads(text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :])
        full["documents"]["result"] = changed
        assert failing(sealed_again(full)) != []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d["published"].update(benchmark="9475/1"), "benchmark"),
        (lambda d: d["opening"]["draws"].update(K="0.01"), "benchmark"),
        (lambda d: d["opening"]["draws"].update(K="0.03"), "refused"),
        (lambda d: d["opening"]["bids"][2].update(price="9601"), "benchmark"),
        (lambda d: d["published"]["standings"][0].update(total="99.70"), "total"),
        (lambda d: d["published"]["standings"][0].update(total="59.60"), "total"),
        (lambda d: d["published"]["standings"][1].update(rank=1), "ranks"),
        (lambda d: d["published"]["standings"].reverse(), "order"),
        (lambda d: d["published"].update(candidates=["b2"]), "candidates"),
        (lambda d: d["published"].update(valid=7), "valid"),
        (lambda d: d["published"]["standings"].pop(), "bids"),
        (lambda d: d["published"]["standings"][6].update(state="ranked", rank=7, tied=False, total="1"), "allowed"),
        (lambda d: d["published"].pop("withheld"), "malformed"),
        (lambda d: d["tender_file"].update(max_price="9900"), "allowed"),
    ],
)  # fmt: skip
def test_a_public_form_changed_together_with_its_hashes_is_found(
    change: Any, code: str, public: Bundle
) -> None:
    change(public["documents"])

    assert code in failing(sealed_again(public))


def test_both_forms_of_tenders_by_chance_hold() -> None:
    checked = 0
    for seed in range(60):
        try:
            whole = bundle_of(case_of(Random(seed)))
        except Refused:
            continue
        checked += 1
        assert (seed, failing(whole)) == (seed, [])
        assert (seed, failing(bundles.public(whole))) == (seed, [])
    assert checked > 55


def test_the_command_tells_in_both_languages_and_by_its_exit_code(tmp_path: Path, full: Bundle) -> None:
    file = tmp_path / "bundle.json"
    english = run(file, full)
    chinese = run(file, bundles.public(full), "--language", "zh")

    assert (english.exit_code, english.output.splitlines()[-1]) == (0, recompute_words.VERDICTS["en"][0])
    assert (chinese.exit_code, chinese.output.splitlines()[-1]) == (0, recompute_words.VERDICTS["zh"][0])
    assert f"相符: {recompute_words.CHECKS['zh']['total'].format(about='b1 59.61')}" in chinese.output

    full["documents"]["result"]["standings"][0]["total"] = "99.99"
    changed = run(file, sealed_again(full))
    assert changed.exit_code == 1
    assert "WRONG: in the bundle / computed: result.standings[0].total: 99.99 / " in changed.output


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"\xff", b'{"schema":"evaluation-bundle/1"}\n'])
def test_what_is_no_bundle_is_told_apart(raw: bytes, tmp_path: Path) -> None:
    assert run(tmp_path / "bundle.json", raw).exit_code == 2


def test_another_spelling_of_the_same_document_is_no_bundle(full: Bundle) -> None:
    with pytest.raises(bundles.NotABundle, match="JSON"):
        bundles.read(json.dumps(full).encode())


def test_every_check_has_its_words_in_both_languages() -> None:
    assert recompute_words.CHECKS["en"].keys() == recompute_words.CHECKS["zh"].keys()


def test_checking_loads_nothing_but_the_scoring(tmp_path: Path, full: Bundle) -> None:
    file = tmp_path / "bundle.json"
    file.write_bytes(bundles.canonical(full))
    program = (
        "import sys\nfrom trading.evaluation.cli import evaluation\n"
        f"try: evaluation(['verify', {str(file)!r}])\n"
        "except SystemExit as end: code = end.code\n"
        f"print(code, sorted({{m.partition('.')[0] for m in sys.modules}} & set({WATCHED!r})))"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert told.splitlines()[-1] == "0 []"


def test_the_lines_of_the_guide_check_a_public_bundle(tmp_path: Path, public: Bundle) -> None:
    """The page's program is run as it stands there."""
    (lines,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    (tmp_path / "bundle.json").write_bytes(bundles.canonical(public))
    program = [sys.executable, "-c", lines]

    told = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    assert told.splitlines()[0] == "b1 59.61 of 94.78"
    public["documents"]["published"]["benchmark"] = "9475/1"
    (tmp_path / "bundle.json").write_bytes(bundles.canonical(sealed_again(public)))
    assert subprocess.run(program, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_benchmark_that_is_kept_stays_when_a_bid_is_rejected_later() -> None:
    tender, opening, sheets = works()
    first = score(tender, opening, sheets)
    rejected = {"code": "false", "article": "实施条例 art. 51", "reason": "弄虚作假"}
    last = opening["bids"][5]["id"]
    later = sheets | {
        "reviews": sheets["reviews"] | {last: sheets["reviews"][last] | {"other": rejected}},
    }

    computed = score(tender, opening, later)
    kept = score(tender, opening | {"benchmark": first["benchmark"]}, later)

    points = {row["bid"]: row["total"] for row in first["standings"]}
    assert (computed["benchmark"] == first["benchmark"], kept["benchmark"]) == (False, first["benchmark"])
    assert [row["total"] for row in kept["standings"] if row["total"] != points[row["bid"]]] == [None]
    both = [bundle_of((tender, opening | {"benchmark": first["benchmark"]}, later))]
    both.append(bundles.public(both[0]))
    assert [failing(one) for one in both] == [[], []]


@pytest.mark.parametrize(
    ("benchmark", "code"),
    [("0/1", "E_NUMBER"), ("2/4", "E_NUMBER"), ("1/0", "E_NUMBER"), ("9467", "E_NUMBER"), (9467, "E_SCHEMA")],
)
def test_a_kept_benchmark_has_one_spelling(benchmark: object, code: str) -> None:
    tender, opening, sheets = works()

    with pytest.raises(Refused) as refused:
        score(tender, opening | {"benchmark": benchmark}, sheets)

    assert str(refused.value.code) == code
