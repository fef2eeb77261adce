"""A receipt's entry proved by a reader's own browser and by the command, against a running, witnessed site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import witnesses as w
from chromium import chromium
from click.testing import CliRunner, Result
from playwright.sync_api import Browser, Page
from running import bare_site

from govcore import clock, dsse
from govcore.audit import cosigning, service
from govcore.audit.cli import audit
from govcore.audit.note import VerifierKey
from govcore.audit.tlog_policy import Witness
from govcore.platform import Platform

WORDS = {
    "zh_CN": ("已证明：日志包含该条目。", "未能证明：有一项核验不成立。", "这既不是回执也不是证明"),
    "en": (
        "Proved: the log holds this entry.",
        "Not proved: one of the checks does not hold.",
        "This is neither a receipt nor a proof",
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """The site, a receipt in a file, and another receipt whose entry the log does not hold yet."""

    url: str
    receipt: Path
    waiting: Path
    witness: str


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("proof")
    with bare_site(folder) as bare:
        platform = bare.platform
        key = VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)
        with w.serve(w.make_witness(folder / "witness", key)) as witness:
            known = witness.known()
            trust(platform, known)
            bare.site.environ["TRADING_WITNESSES"] = f"{known.url} {known.vkey} required"
            receipt = given(platform, folder / "receipt.json")
            grow(platform)
            waiting = given(platform, folder / "waiting.json")
            bare.site.start("web")
            yield Shown(bare.url, receipt, waiting, str(known.vkey))


def trust(platform: Platform, witness: Witness) -> None:
    platform.settings = replace(platform.settings, witnesses=(witness,))
    platform.db.info["settings"] = platform.settings


def given(platform: Platform, file: Path) -> Path:
    """An entry of the log, and the signed receipt that names it."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        leaf = service.record(tx, "bid.submitted", subject="b-1", actor="u-1", at=at, data={})
    body = json.dumps({"type": "receipt", "leaf": leaf.hash}).encode()
    signer = platform.keys.receipt_signer
    file.write_bytes(dsse.sign("application/vnd.bidseal.receipt+json", body, [signer]).encode())
    return file


def grow(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        service.integrate(
            tx,
            at=clock.now(tx),
            signer=platform.keys.log_signer,
            origin=platform.settings.log_origin,
            bucket=64,
            interval=timedelta(hours=1),
            forced=True,
        )
    cosigning.cosign(platform)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(params=sorted(WORDS))
def page(request: pytest.FixtureRequest, browser: Browser, shown: Shown) -> Iterator[Page]:
    context = browser.new_context()
    context.add_cookies([{"name": "lang", "value": request.param, "url": shown.url}])
    page = context.new_page()
    page.goto(f"{shown.url}/verify/log")
    yield page
    context.close()


def words(page: Page) -> tuple[str, str, str]:
    return WORDS["en" if page.locator("html").get_attribute("lang") == "en" else "zh_CN"]


def check(page: Page, *files: Path) -> str:
    """Choose files, press the button, and read the verdict."""
    page.locator("#proof-files").set_input_files([str(file) for file in files])
    page.locator("[data-log-proof] button[type=submit]").click()
    verdict = page.locator("[data-verdict]:visible")
    verdict.wait_for()
    return verdict.inner_text()


def marks(page: Page) -> list[str]:
    """Which steps were shown, with the kind of their mark."""
    shown = page.locator("[data-check]:visible")
    return [
        f"{step.get_attribute('data-check')} {step.locator('.tag').get_attribute('class').split('-')[-1]}"
        for step in shown.all()
    ]


def test_a_browser_proves_a_receipt_and_refuses_what_was_altered(
    page: Page, shown: Shown, tmp_path: Path
) -> None:
    good, bad, unreadable = words(page)
    proof = command("prove", str(shown.receipt), "--url", shown.url, "--out", str(tmp_path / "p.tlog-proof"))
    assert proof.exit_code == 0
    text = (tmp_path / "p.tlog-proof").read_text(encoding="utf-8")

    assert check(page, shown.receipt) == good
    assert marks(page) == ["leaf success", "path success", "signature success", "witness success"]
    assert check(page, shown.receipt, tmp_path / "p.tlog-proof") == good

    other_path = written(tmp_path, text.replace("\n\n", f"\n{'A' * 43}=\n\n", 1))
    assert check(page, shown.receipt, other_path).startswith(bad)
    assert marks(page) == ["leaf success", "path danger", "signature neutral", "witness neutral"]

    lines = text.split("\n")
    signature = next(n for n, line in enumerate(lines) if line.startswith("— trading.example"))
    lines[signature] = lines[signature][:-8] + ("AAAAAA==" if "=" in lines[signature][-2:] else "AAAAAAAA")
    assert check(page, shown.receipt, written(tmp_path, "\n".join(lines))).startswith(bad)

    uncosigned = "".join(line for line in text.splitlines(keepends=True) if f"— {w.NAME}" not in line)
    assert check(page, shown.receipt, written(tmp_path, uncosigned)).startswith(bad)
    assert marks(page)[-1] == "witness danger"

    assert check(page, written(tmp_path, "no proof at all")).startswith(unreadable)


def test_a_receipt_that_waits_is_told_and_another_key_refuses(page: Page, shown: Shown) -> None:
    good, bad, _ = words(page)

    assert check(page, shown.waiting) not in (good, bad)
    assert marks(page) == []

    other = VerifierKey("trading.example/log/2026", w.LogKey(b"o" * 32).public_bytes)
    page.locator("#log-key").fill(str(other))
    assert check(page, shown.receipt).startswith(bad)
    assert marks(page)[2] == "signature danger"


def written(folder: Path, text: str) -> Path:
    file = folder / "altered.tlog-proof"
    file.write_text(text, encoding="utf-8")
    return file


def command(*arguments: str) -> Result:
    return CliRunner().invoke(audit, [*arguments])


def test_the_command_checks_the_live_log_and_its_proofs(shown: Shown, tmp_path: Path) -> None:
    import httpx

    policy, proof = tmp_path / "policy", tmp_path / "receipt.tlog-proof"
    policy.write_bytes(httpx.get(f"{shown.url}/log/policy").content)

    log = command("verify", f"{shown.url}/log", "--policy", str(policy))
    waiting = command("prove", str(shown.waiting), "--url", f"{shown.url}/log", "--out", str(proof))
    fetched = command("prove", str(shown.receipt), "--url", shown.url, "--out", str(proof))
    one = command("verify", str(proof), "--receipt", str(shown.receipt), "--policy", str(policy))
    of_another = command("verify", str(proof), "--receipt", str(shown.waiting), "--policy", str(policy))
    unpinned = command("verify", str(proof), "--receipt", str(shown.receipt))

    assert log.exit_code == 0, log.output
    assert f"ok    policy: the quorum {w.NAME} cosigned the checkpoint of size 128" in log.output
    assert "not protected against the holder of the log key" not in log.output
    assert (waiting.exit_code, "does not hold the entry yet" in waiting.output) == (1, True)
    assert fetched.exit_code == 0, fetched.output
    assert one.exit_code == 0, one.output
    assert one.output.splitlines()[-1] == "The proof is in order."
    assert (of_another.exit_code, "FAIL  path" in of_another.output) == (1, True)
    assert (unpinned.exit_code, "no key of the log is known" in unpinned.output) == (1, True)
