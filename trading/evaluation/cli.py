"""`trading expert …`: what a committee's member signs; `trading evaluation …`: compute a result again."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

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
def verify(bundle: Path, language: str) -> None:
    """Compute the result in BUNDLE again. Exit code 0: all that it shows holds; 1: something does not; 2: no bundle."""
    from trading.evaluation import recompute, recompute_words
    from trading.evaluation.bundles import NotABundle, read

    raw = bundle.read_bytes()
    try:
        checks = recompute.verify(read(raw))
    except NotABundle as error:
        raise click.UsageError(recompute_words.UNREADABLE[language].format(place=error)) from error
    click.echo(recompute_words.FILE[language].format(sha256=hashlib.sha256(raw).hexdigest()))
    right, wrong, unknown = recompute_words.MARKS[language]
    marks = {True: right, False: wrong, None: unknown}
    for one in checks:
        click.echo(f"{marks[one.holds]}: {recompute_words.told(one, language)}")
    failed = sum(one.holds is False for one in checks)
    click.echo(recompute_words.verdict(failed, language))
    sys.exit(1 if failed else 0)
