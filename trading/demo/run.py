"""Set the stage, tell the story, write the summary."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from govcore.audit.note import VerifierKey
from govcore.module import DemoAccount
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import migrate
from trading.client import Client
from trading.demo.bidders import SIZES, Bidders
from trading.demo.bureau import arrange
from trading.demo.city import CENTRE, ORGANISATIONS, PEOPLE, City, found
from trading.demo.experts import fill_pool
from trading.demo.passing import PutAhead, Waited
from trading.demo.processes import CommandLine, gated, served, wait_until_up, witnessed
from trading.demo.results import after_opening, finish
from trading.demo.seals import engrave
from trading.demo.story import Story, Tale
from trading.procedure.policy import RuleSet

MARK = ".demo"
BANNER = "演示规则：以秒计的期限不具法律效力；城市、单位、人员均为虚构。"


LAWFUL_BANNER = "法定期限：时钟会被拨快，跳过其间的天数；城市、单位、人员均为虚构。"


def run(*, once: bool, attach: str | None, port: int, data: Path, rules: RuleSet) -> bool:
    """True when every check of the summary holds; `data` is where it lies unless `TRADING_DATA` says another place."""
    data = Path(os.environ.get("TRADING_DATA", data)).absolute()
    environ = _environment(data, port, lawful=rules.lawful)
    if attach is None:
        _clear(data)
        migrate(Settings.from_environ(environ))
        (data / MARK).touch()
    url = attach or f"http://127.0.0.1:{port}"
    artefacts, work = data / "demo", data / "demo-work"
    for folder in (artefacts, work):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    click.echo(LAWFUL_BANNER if rules.lawful else BANNER)
    with _site(environ, url, work, attached=attach is not None, rules=rules) as complete:
        started = time.monotonic()
        tale = Tale(started, artefacts)
        platform = Platform.open(Settings.from_environ(complete))
        city = found(platform)
        engrave(platform, city)
        others = furnish(platform)
        arrange(platform, city)
        fill_pool(platform, city)
        ok = _tell(platform, city, url, work, tale, rules)
        if not once:
            _invite(url, city, others)
        platform.db.dispose()
    return ok


def _environment(data: Path, port: int, *, lawful: bool) -> dict[str, str]:
    defaults = {
        "TRADING_DATA": str(data),
        "TRADING_DEMO": "1",
        "TRADING_CENTRE": ORGANISATIONS[CENTRE],
        "TRADING_LOG_INTERVAL": "1",
        "TRADING_PORT": str(port),
        "TRADING_SITE_URL": f"http://127.0.0.1:{port}",
    }
    if lawful:
        defaults["TRADING_CLOCK_FILE"] = str(data / "clock")
    return defaults | dict(os.environ)


def _clear(data: Path) -> None:
    """Start afresh, but only where an earlier demo lay: nobody's real data is ever removed."""
    if not data.exists():
        return
    if any(data.iterdir()) and not (data / MARK).exists():
        raise click.ClickException(f"{data} holds data that is not a demo's; move it away first")
    shutil.rmtree(data)


@contextmanager
def _site(
    environ: Mapping[str, str], url: str, work: Path, *, attached: bool, rules: RuleSet
) -> Iterator[Mapping[str, str]]:
    """The running platform, with a witness of its log and, where its rules ask for one, a gate beside it."""
    log = work / "platform.log"
    if attached:
        wait_until_up(url, None, log)
        yield environ
        return
    with ExitStack() as stack:
        complete = stack.enter_context(witnessed(environ, _log_vkey(environ), work / "witness"))
        if rules.gate == "remote":
            complete = stack.enter_context(gated(complete, url, work / "gate"))
        stack.enter_context(served(complete, url, log))
        yield complete


def _log_vkey(environ: Mapping[str, str]) -> str:
    """What the platform's operator tells the witness's."""
    platform = Platform.open(Settings.from_environ(environ))
    vkey = VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)
    platform.db.dispose()
    return str(vkey)


def _tell(platform: Platform, city: City, url: str, work: Path, tale: Tale, rules: RuleSet) -> bool:
    sign_ins = work / "sign-ins"
    sign_ins.mkdir(mode=0o700)
    for user, password in city.passwords.items():
        (sign_ins / user).write_text(password)
        (sign_ins / user).chmod(0o600)
    passphrase = secrets.token_urlsafe(12)
    cli = CommandLine(url, sign_ins, passphrase)
    sessions: dict[str, Client] = {}
    file = platform.settings.clock_file
    passing = Waited() if file is None else PutAhead(file, sessions.clear)
    story = Story(city, url, sign_ins, work, cli, tale, rules, passing, passphrase, sessions=sessions)
    bidders = Bidders(city, cli, work / "bidders", story.guarantor_keys())
    with tale.progress("投标人准备文件", len(SIZES)) as bar:
        for _ in bidders.prepare():
            bar.update(1)
    lots, other = story.draft()
    story.publish(lots, other)
    late = story.bid(bidders, lots, other)
    story.wait_for_deadline(bidders, lots[0], late)
    opened = story.open(bidders, lots)
    after_opening(story, lots, opened)
    return finish(platform, story, lots, started=tale.started)


def furnish(platform: Platform) -> list[DemoAccount]:
    """Let every module add its part to the city."""
    demos = [module.demo for module in platform.registry.modules if module.demo is not None]
    return [account for demo in demos for account in demo(platform)]


def _invite(url: str, city: City, others: list[DemoAccount]) -> None:
    """Print the sign-ins and keep serving until the user stops it."""
    click.echo(f"\n{url}\n")
    for user, (_, name, roles) in PEOPLE.items():
        click.echo(f"  {user:15} {city.passwords[user]:15} {name}（{'、'.join(roles)}）")
    for account in others:
        click.echo(f"  {account.username:15} {account.password:15} {account.name}")
    click.echo("\nCtrl-C 结束")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        click.echo("")
