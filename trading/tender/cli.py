"""`trading tender …`: what the tenderer signs on its own machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from trading import options


@click.group()
def tender() -> None:
    """Rehearse custodians' keys, sign key manifests and schedules as the tenderer."""


tender.add_command(options.enrol)


@tender.command()
@options.account
@options.keys
@click.argument("lots", nargs=-1, required=True)
def rehearse(url: str, user: str, password_file: Path, folder: Path, lots: tuple[str, ...]) -> None:
    """Make a capsule for each custodian's key of each LOT; who cannot open it does not become a custodian."""
    from trading import client
    from trading.tender import signing

    session = client.connect(url, user, password_file)
    for lot in lots:
        count = signing.rehearse(session, folder, lot)
        click.echo(f"{lot}: {count} rehearsal capsules; what was in them stays in {folder}")


@tender.command()
@options.account
@options.keys
@click.argument("lots", nargs=-1, required=True)
def sign(url: str, user: str, password_file: Path, folder: Path, lots: tuple[str, ...]) -> None:
    """Check that all keys were rehearsed, and sign the key manifest of each LOT."""
    from trading import client
    from trading.tender import signing

    session = client.connect(url, user, password_file)
    signer, authority = client.signer(folder, options.passphrase()), client.pinned_authority(folder)
    for lot in lots:
        manifest, payload, _ = signing.fetch_manifest(session, lot)
        names = signing.custodian_names(session, manifest, authority)
        signing.check_rehearsed(session, authority, folder, manifest, lot)
        click.echo(
            f"{lot}: {manifest.policy.k} of {', '.join(names)}; at least {manifest.policy.opens_from} bids"
        )
        digest = signing.sign_manifest(session, signer, lot, payload)
        click.echo(f"{lot}: signed key manifest {digest[:16]}…")


@tender.command()
@options.account
@options.keys
@click.option("--deadline", required=True, help="UTC, as 2026-12-01T01:00:00+00:00.")
@click.argument("lots", nargs=-1, required=True)
def schedule(
    url: str, user: str, password_file: Path, folder: Path, deadline: str, lots: tuple[str, ...]
) -> None:
    """Sign the next schedule of each LOT; bids are opened at the deadline (招标投标法 art. 34).

    The first counts at once. A later one moves the deadline: it is written to the folder, for a second person of the
    tenderer's to countersign.
    """
    from trading import client
    from trading.tender import signing

    session = client.connect(url, user, password_file)
    signer = client.signer(folder, options.passphrase())
    at = datetime.fromisoformat(deadline)
    for lot in lots:
        body, envelope = signing.sign_schedule(session, signer, lot, deadline_at=at)
        if body.n == 1:
            signing.hand_in_schedule(session, lot, envelope)
            click.echo(f"{lot}: deadline {at.isoformat()}")
        else:
            path = folder / f"{lot}.schedule-{body.n}.json"
            path.write_bytes(envelope.encode())
            click.echo(f"{lot}: give {path} to a second person, who runs `trading tender countersign`")


@tender.command()
@options.account
@options.keys
@click.option(
    "--clarification", metavar="ID", help="Count from the release of this clarification on, not now."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def countersign(
    url: str,
    user: str,
    password_file: Path,
    folder: Path,
    clarification: str | None,
    files: tuple[Path, ...],
) -> None:
    """Look at the new deadline in each FILE, sign it as the second person, and hand it in."""
    from trading import client
    from trading.tender import signing

    session = client.connect(url, user, password_file)
    signer, authority = client.signer(folder, options.passphrase()), client.pinned_authority(folder)
    for file in files:
        body, envelope = signing.countersign_schedule(session, signer, authority, file.read_bytes())
        signing.hand_in_schedule(session, body.lot_id, envelope, clarification=clarification)
        done = "moves with the clarification" if clarification else "moved"
        click.echo(f"{body.lot_id}: deadline {done} to {body.deadline_at}")
