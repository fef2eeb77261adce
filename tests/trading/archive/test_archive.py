"""The package of a round: complete, the same each time, checked offline by the log's key; nothing of it can change."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from contract_steps import Signed, concluded
from copies import Steps
from evaluated_city import SignIn
from sqlalchemy import select

from govcore import clock
from govcore.audit import queries as audit
from govcore.audit.note import VerifierKey, parse_vkey
from govcore.clock import BEIJING
from govcore.errors import Forbidden, NotFound
from govcore.platform import Platform
from trading.archive import holding, queries, service, tasks
from trading.archive.cli import archive as command
from trading.archive.holding import HoldStands, NoHold, Reason
from trading.archive.models import Package, PackageFile
from trading.archive.policy import is_done, is_public, keep_until
from trading.archive.service import FileDiffers, RoundNotDone
from trading.archive.verifying import PackageRefused, verify
from trading.archive.zipping import Member, archive
from trading.evaluation import recompute
from trading.evaluation.bundles import read
from trading.opening import closing
from trading.tender.models import Lot

PAGE = {"accept": "text/html"}


def write_log(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        closing.drain_log(tx, platform, at=clock.now(tx))


def order(platform: Platform, signed: Signed, name: str = "centre") -> str:
    with platform.db.transaction() as tx:
        return service.order(tx, platform, "tender-1", actor=signed.city.actor(name), at=clock.now(tx))


def make(platform: Platform, signed: Signed) -> str:
    """A package that the log names."""
    write_log(platform)
    package = order(platform, signed)
    assert tasks.make(platform, package)
    write_log(platform)
    return package


def fetch(platform: Platform, signed: Signed, package: str, name: str = "centre") -> bytes:
    with platform.db.read() as tx:
        return b"".join(queries.stream(tx, platform, package, actor=signed.city.actor(name)))


def key_of(platform: Platform) -> VerifierKey:
    with platform.db.read() as tx:
        return VerifierKey(platform.settings.log_origin, audit.log_key(tx))


def packaged(platform: Platform) -> Signed:
    signed = concluded(platform)
    make(platform, signed)
    return signed


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"package": packaged, "signed": concluded}


@pytest.fixture
def package(platform: Platform) -> str:
    with platform.db.read() as tx:
        return tx.scalars(select(Package.id)).one()


@pytest.fixture
def zipped(platform: Platform, signed: Signed, package: str, tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    path.write_bytes(fetch(platform, signed, package))
    return path


def test_a_package_holds_the_round_and_is_checked_with_nothing_but_the_logs_key(
    platform: Platform, zipped: Path
) -> None:
    found = verify(zipped, key_of(platform))

    with zipfile.ZipFile(zipped) as file:
        names = set(file.namelist())
        bundle = read(file.read("lots/1/evaluation/bundle-1.json"))
    assert [check for check in recompute.verify(bundle) if not check.holds] == []
    assert {
        "README.txt",
        "SHA256SUMS",
        "manifest.json",
        "manifest.tlog-proof",
        "tender.json",
        "lots/1/evaluation/bundle-1.json",
        "lots/1/evaluation/report.pdf",
        "lots/1/award/0-candidates.pdf",
        "lots/1/award/1-letter.pdf",
        "lots/1/award/1-result.pdf",
        "lots/1/contract/1-signed.pdf",
        "lots/1/contract/1-signed-supplier.dsse.json",
        "lots/1/contract/1-signed-tenderer.dsse.json",
        "lots/1/deposits.json",
        "lots/1/opening/bids/1.dsse.json",
        "log/vkey",
    } <= names
    assert found.files == len(names) - 3
    assert found.signatures == 5 + 2  # the bids and both sides of the contract
    assert found.entries > 0
    assert zipfile.ZipFile(zipped).testzip() is None


def test_the_same_package_has_the_same_bytes(platform: Platform, signed: Signed, package: str) -> None:
    assert fetch(platform, signed, package) == fetch(platform, signed, package, "regulator")


def test_no_byte_of_a_package_can_be_changed(platform: Platform, zipped: Path, tmp_path: Path) -> None:
    raw, key, changed = zipped.read_bytes(), key_of(platform), tmp_path / "changed.zip"
    with zipfile.ZipFile(zipped) as file:
        starts = [one.header_offset for one in file.infolist()]
    places = {0, 7, 11, 14, len(raw) - 1, len(raw) - 25, *starts, *(one + 40 for one in starts)}
    places |= set(random.Random(5).sample(range(len(raw)), 40))
    passed = []
    for place in sorted(places):
        changed.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        try:
            verify(changed, key)
        except PackageRefused:
            continue
        passed.append(place)

    assert passed == []


@pytest.mark.parametrize("change", [lambda raw: raw + b"x", lambda raw: raw[:-1], lambda _: b""])
def test_a_package_that_was_cut_or_continued_is_refused(
    platform: Platform, zipped: Path, tmp_path: Path, change: object
) -> None:
    changed = tmp_path / "changed.zip"
    changed.write_bytes(change(zipped.read_bytes()))  # type: ignore[operator]

    with pytest.raises(PackageRefused):
        verify(changed, key_of(platform))


def test_a_whole_package_of_another_log_is_refused(platform: Platform, zipped: Path) -> None:
    key = key_of(platform)
    other = VerifierKey(key.name, bytes(32))

    with pytest.raises(PackageRefused, match="not signed by the pinned key"):
        verify(zipped, other)


def test_the_command_says_what_it_checked(platform: Platform, zipped: Path) -> None:
    good = CliRunner().invoke(command, ["verify", str(zipped), "--vkey", str(key_of(platform))])
    zipped.write_bytes(zipped.read_bytes() + b"x")
    bad = CliRunner().invoke(command, ["verify", str(zipped), "--vkey", str(key_of(platform))])

    assert (good.exit_code, "all right" in good.output) == (0, True)
    assert (bad.exit_code, "Error: " in bad.output) == (1, True)
    assert parse_vkey(str(key_of(platform))) == key_of(platform)


def test_a_running_round_cannot_be_archived(platform: Platform, signed: Signed) -> None:
    with platform.db.transaction() as tx:
        tx.get_one(Lot, signed.lot_id).state = "evaluated"

    with pytest.raises(RoundNotDone):
        order(platform, signed)


def test_outsiders_make_and_fetch_nothing(platform: Platform, signed: Signed, package: str) -> None:
    for name, refusal in {
        "other-regulator": NotFound,
        "other-agency": NotFound,
        "other-tenderer": NotFound,
        "bidder-2": Forbidden,
    }.items():
        with pytest.raises(refusal):
            order(platform, signed, name)
    for name in ("other-regulator", "other-tenderer", "bidder-1"):
        with pytest.raises(NotFound):
            fetch(platform, signed, package, name)


def test_before_the_log_holds_it_a_package_waits(platform: Platform, signed: Signed) -> None:
    package = order(platform, signed)
    with pytest.raises(queries.NotInLogYet):
        fetch(platform, signed, package)
    assert tasks.make(platform, package)
    with pytest.raises(queries.NotInLogYet):
        fetch(platform, signed, package)
    assert not service_sealed_again(platform, package)


def service_sealed_again(platform: Platform, package: str) -> bool:
    with platform.db.transaction() as tx:
        return service.seal(tx, package, at=clock.now(tx))


def test_a_file_that_is_not_the_recorded_one_stops_the_package(platform: Platform, signed: Signed) -> None:
    package = order(platform, signed)
    with platform.db.transaction() as tx:
        wanted = PackageFile.expected_sha256.is_not(None)
        file = tx.scalars(select(PackageFile).where(PackageFile.package_id == package, wanted)).first()
        assert file is not None
        file.expected_sha256 = "0" * 64

    with pytest.raises(FileDiffers):
        tasks.make(platform, package)


def test_a_hold_is_placed_and_lifted_once_each_by_two_people(platform: Platform, signed: Signed) -> None:
    centre, regulator = signed.city.actor("centre"), signed.city.actor("regulator")
    why = Reason(reason="法院调查令")
    with platform.db.transaction() as tx:
        holding.hold(tx, platform, "tender-1", why, proposer=centre, second=regulator)
    with platform.db.transaction() as tx, pytest.raises(HoldStands):
        holding.hold(tx, platform, "tender-1", why, proposer=centre, second=regulator)
    with platform.db.transaction() as tx, pytest.raises(Forbidden):
        holding.lift(tx, platform, "tender-1", why, proposer=signed.city.actor("tenderer"), second=regulator)
    with platform.db.read() as tx:
        shown = queries.show(tx, "tender-1", actor=regulator, at=clock.now(tx))
    assert (shown.hold and shown.hold.reason, shown.years) == ("法院调查令", 15)

    with platform.db.transaction() as tx:
        holding.lift(tx, platform, "tender-1", why, proposer=centre, second=regulator)

    with platform.db.transaction() as tx, pytest.raises(NoHold):
        holding.lift(tx, platform, "tender-1", why, proposer=centre, second=regulator)


def test_the_page_leads_from_the_order_to_the_package(
    platform: Platform, sign_in: SignIn, signed: Signed
) -> None:
    write_log(platform)
    client = sign_in("centre")
    assert "制作归档包" in client.get("/archive/tender-1", headers=PAGE).text
    assert client.post("/archive/tender-1", headers=PAGE).status_code == 303
    assert "已读取文件" in client.get("/archive/tender-1", headers=PAGE).text
    with platform.db.read() as tx:
        [package] = queries.to_make(tx)
    tasks.make(platform, package)
    write_log(platform)

    assert "下载归档包" in client.get("/archive/tender-1", headers=PAGE).text
    answer = client.get(f"/archive/packages/{package}/package.zip")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    assert sign_in("other-regulator").get(f"/archive/packages/{package}/package.zip").status_code == 404


@pytest.mark.parametrize(
    ("states", "done"),
    [
        (["contracted", "failed"], True),
        (["awarded", "terminated"], True),
        (["contracted", "open"], False),
        (["closed"], False),
        ([], False),
    ],
)
def test_a_round_is_done_when_every_lot_has_ended(states: list[str], done: bool) -> None:
    assert is_done(states) is done


@pytest.mark.parametrize(
    ("following", "done"),
    [
        ([[]], False),
        ([["open"]], False),
        ([["contracted", "failed"]], True),
        ([["contracted"], ["evaluated"]], False),
    ],
)
def test_a_prequalification_waits_for_the_bids_that_follow_it(following: list[list[str]], done: bool) -> None:
    assert is_done(["prequalified", "failed"], following) is done


@pytest.mark.parametrize(
    ("path", "public"),
    [
        ("notices/001-tender.pdf", True),
        ("lots/1/opening/record.pdf", True),
        ("lots/2/outages/1-opening.pdf", True),
        ("lots/1/award/1-result.pdf", True),
        ("README.txt", True),
        ("lots/1/award/1-letter.pdf", False),
        ("lots/1/opening/bids/1-summary.age", False),
        ("lots/1/opening/bids/1.dsse.json", False),
        ("lots/1/evaluation/report.pdf", False),
        ("cases/YY-1/case.json", False),
    ],
)
def test_what_everybody_could_read_is_never_disposed_of(path: str, public: bool) -> None:
    assert is_public(path) is public


def test_the_years_of_keeping_end_on_the_same_day() -> None:
    leap = datetime(2024, 2, 29, 8, 0, tzinfo=BEIJING)

    assert keep_until(leap, 15) == datetime(2039, 2, 28, 8, 0, tzinfo=BEIJING)
    assert keep_until(leap, 16) == datetime(2040, 2, 29, 8, 0, tzinfo=BEIJING)


def test_a_member_of_more_than_four_gigabytes_has_long_sizes() -> None:
    long = Member("long.bin", 5 * 2**32, 1)
    after = Member("after.txt", 3, 0x352441C2)

    def content(member: Member) -> Iterator[bytes]:
        return iter([b"abc"] if member is after else [])

    *_, ending = archive([long, after], content)

    assert (5 * 2**32).to_bytes(8, "little") in ending
    assert ending.startswith(b"PK\x01\x02")
