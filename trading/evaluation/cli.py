"""`trading expert …`: what a committee's member signs; `trading evaluation …`: compute a result again."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trading import options

if TYPE_CHECKING:
    from bidding_docs import manifests as m


@click.group()
def expert() -> None:
    """Sign as a member of an evaluation committee."""


expert.add_command(options.enrol)


@expert.command("fix-technical")
@options.account
@options.keys
@click.argument("lot")
def fix_technical(url: str, user: str, password_file: Path, folder: Path, lot: str) -> None:
    """As the committee's leader: sign which bids of LOT passed, so that their prices may be opened."""
    from trading import client
    from trading.evaluation.signing import sign_technical_result

    session = client.connect(url, user, password_file)
    signer = client.signer(folder, options.passphrase())
    sign_technical_result(session, signer, lot, agreed=_agreed)


def _agreed(result: m.TechnicalResult) -> bool:
    for word, digests in (("passed", result.passed), ("failed, never opened", result.failed)):
        click.echo(f"{word}: {len(digests)}")
        for digest in digests:
            click.echo(f"  {digest}")
    return click.confirm("Sign this result?", abort=True)


@expert.command("lock-sheet")
@options.account
@options.keys
@click.argument("lot")
def lock_sheet(url: str, user: str, password_file: Path, folder: Path, lot: str) -> None:
    """As a member: sign your complete score sheet of LOT and lock it for good."""
    from trading import client
    from trading.evaluation import signing

    session = client.connect(url, user, password_file)
    signing.lock_sheet(session, client.signer(folder, options.passphrase()), lot, agreed=_looked_at)


def _looked_at(sheet: dict[str, Any]) -> bool:
    for bid, row in sheet["scores"].items():
        click.echo(f"{bid}: " + ", ".join(f"{item} {value}" for item, value in row.items()))
    return click.confirm("Sign and lock this sheet?", abort=True)


@expert.command("sign-report")
@options.account
@options.keys
@click.option("--dissent", default="", help="What you do not agree with, and why; without it you agree.")
@click.argument("lot")
@click.argument("report", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def sign_report(
    url: str, user: str, password_file: Path, folder: Path, dissent: str, lot: str, report: Path
) -> None:
    """As a member: sign the report of LOT that you downloaded and read, the file REPORT."""
    from trading import client
    from trading.evaluation import signing

    session = client.connect(url, user, password_file)
    signer = client.signer(folder, options.passphrase())
    try:
        sha256 = signing.sign_report(session, signer, lot, report.read_bytes(), dissent=dissent)
    except signing.OtherReport as error:
        raise click.ClickException(f"{report} is not the report that the site asks you to sign") from error
    click.echo(f"signed: {sha256}")


@click.group()
def evaluation() -> None:
    """Compute the result of an evaluation again."""


@evaluation.command()
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    default="en",
    show_default=True,
    envvar="TRADING_LANGUAGE",
    help="Language of the answer.",
)
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The registration authority's certificate (PEM), from elsewhere: those of a signed bundle must be its own.",
)
def verify(bundle: Path, language: str, authority: Path | None) -> None:
    """Compute the result in BUNDLE again, and check its signatures where it holds any.

    Exit code 0: all that it shows holds; 1: something does not; 2: no bundle.
    """
    from trading.evaluation import recompute, recompute_words
    from trading.evaluation.bundles import Form, NotABundle, read

    raw = bundle.read_bytes()
    try:
        found = read(raw)
        checks = recompute.verify(found)
    except NotABundle as error:
        raise click.UsageError(recompute_words.UNREADABLE[language].format(place=error)) from error
    if found["form"] == Form.SIGNED:
        from trading.evaluation.signature_checks import verify_signatures

        checks += verify_signatures(found, authority=authority.read_bytes() if authority else None)
    click.echo(recompute_words.FILE[language].format(sha256=hashlib.sha256(raw).hexdigest()))
    right, wrong, unknown = recompute_words.MARKS[language]
    marks = {True: right, False: wrong, None: unknown}
    for one in checks:
        click.echo(f"{marks[one.holds]}: {recompute_words.told(one, language)}")
    failed = sum(one.holds is False for one in checks)
    click.echo(recompute_words.verdict(failed, language))
    sys.exit(1 if failed else 0)
