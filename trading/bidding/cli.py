"""`trading bid …`: what a bidder does on its own machine."""

from __future__ import annotations

from pathlib import Path

import click

from trading import options

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def bid() -> None:
    """Seal, submit and withdraw bids; check receipts."""


bid.add_command(options.enrol)


@bid.command()
@options.account
@options.keys
@click.option("--summary", required=True, type=FILE, help="Answers to the opening summary, as JSON.")
@click.option("--part", "parts", multiple=True, help="PART=FILE, repeated for every file.")
@click.option("--consortium", type=FILE, help="The list that all members of your consortium signed.")
@click.option("--out", required=True, type=FOLDER, help="New folder for the sealed bid.")
@click.argument("lot")
def seal(
    url: str,
    user: str,
    password_file: Path,
    folder: Path,
    summary: Path,
    parts: tuple[str, ...],
    consortium: Path | None,
    out: Path,
    lot: str,
) -> None:
    """Encrypt a bid for LOT on this machine; nothing is sent."""
    from trading import client
    from trading.bidding import sealing

    session = client.connect(url, user, password_file)
    secret = options.passphrase()
    signer = client.signer(folder, secret)
    for line in sealing.warnings(session, signer.certificate, lot):
        click.echo(line, err=True)
    files = sealing.files_by_part(parts)
    total = sum(path.stat().st_size for group in files.values() for _, path in group)
    with click.progressbar(length=max(total, 1), label="sealing") as bar:
        digest = sealing.seal(
            session,
            signer,
            client.pinned_authority(folder),
            lot,
            files=files,
            summary=summary.read_bytes(),
            out=out,
            passphrase=secret,
            progress=bar.update,
            members=consortium.read_bytes() if consortium else None,
        )
    click.echo(f"sealed in {out}, manifest {digest}; not submitted yet")


@bid.command()
@options.account
@options.keys
@click.option(
    "--members", required=True, type=FILE, help="JSON list of id, name, work, grades; the lead first."
)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.argument("lot")
def consortium(
    url: str, user: str, password_file: Path, folder: Path, members: Path, out: Path, lot: str
) -> None:
    """As the lead: write the list of your consortium's members for LOT and sign it; nothing is sent."""
    from trading import client
    from trading.bidding import consortium as lists

    session = client.connect(url, user, password_file)
    out.write_bytes(
        lists.write(session, client.signer(folder, options.passphrase()), lot, members.read_bytes())
    )
    click.echo(f"signed in {out}; pass it on to the other members")


@bid.command("consortium-sign")
@options.keys
@click.argument("file", type=FILE)
def consortium_sign(folder: Path, file: Path) -> None:
    """As a member: add your signature to the list in FILE, offline."""
    from trading import client
    from trading.bidding import consortium as lists

    signed, document = lists.add_signature(file.read_bytes(), client.signer(folder, options.passphrase()))
    file.write_bytes(signed)
    for member in document.members:
        click.echo(f"{member.id}  {member.name}  {member.work}")
    click.echo(f"signed; of {len(document.members)} members")


@bid.command()
@options.account
@click.option("--lot", help="Send to another lot than the one it was sealed for.")
@click.argument("folder", type=FOLDER)
def submit(url: str, user: str, password_file: Path, folder: Path, lot: str | None) -> None:
    """Upload the sealed bid in FOLDER and submit it; the receipt lands beside it."""
    from trading import client
    from trading.bidding import sending

    session = client.connect(url, user, password_file)
    receipt = sending.submit(session, folder, lot=lot)
    click.echo(f"SUBMITTED: received at {receipt.received_at}, receipt in {folder / sending.RECEIPT}")


@bid.command()
@options.account
@options.keys
@click.option("--receipt", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.argument("lot")
def withdraw(url: str, user: str, password_file: Path, folder: Path, receipt: Path, lot: str) -> None:
    """Withdraw your bid for LOT before the deadline."""
    from trading import client
    from trading.bidding import sending

    session = client.connect(url, user, password_file)
    sending.withdraw(session, client.signer(folder, options.passphrase()), lot, receipt)
    click.echo(f"withdrawn; receipt in {receipt}")


@bid.command("verify-receipt")
@click.option("--key", required=True, type=FILE, help="The platform's receipt key (PEM).")
@click.option("--manifest", type=FILE, help="manifest.dsse.json of the sealed bid.")
@click.argument("receipt", type=FILE)
def verify_receipt(key: Path, manifest: Path | None, receipt: Path) -> None:
    """Check a receipt (JSON or PDF), refusal or statement offline, and that it speaks of this bid."""
    from trading.bidding import sending

    sealed = manifest.read_bytes() if manifest else None
    click.echo(sending.verify(receipt.read_bytes(), key.read_bytes(), sealed))


@bid.command()
@options.account
@click.argument("lot")
def status(url: str, user: str, password_file: Path, lot: str) -> None:
    """Say whether your organisation has a bid in LOT, and what was sent but not submitted."""
    from trading import client
    from trading.bidding import sending

    for line in sending.status(client.connect(url, user, password_file), lot):
        click.echo(line)


@bid.command()
@options.account
@click.argument("lot")
def trace(url: str, user: str, password_file: Path, lot: str) -> None:
    """List every attempt of your organisation in LOT: time, what, bytes, result."""
    from trading import client

    session = client.connect(url, user, password_file)
    for line in session.get(f"/api/lots/{lot}/trace")["lines"]:
        click.echo(f"{line['at']}  {line['act']:<9} {line['size']:>14,}  {line['code']}  {line['about']}")


@bid.command()
@options.account
@click.option("--manifest", required=True, type=FILE, help="manifest.dsse.json of the bid to confirm.")
@click.argument("lot")
def consent(url: str, user: str, password_file: Path, manifest: Path, lot: str) -> None:
    """Confirm a bid of your organisation in LOT that a certificate younger than 24 hours signs; two members must."""
    from trading import client
    from trading.bidding import sending

    session = client.connect(url, user, password_file)
    sending.consent(session, lot, manifest.read_bytes(), password_file.read_text().strip())
    click.echo("confirmed; it holds for one hour")


@bid.command("no-bid")
@options.account
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.argument("lot")
def no_bid(url: str, user: str, password_file: Path, out: Path, lot: str) -> None:
    """After the closing: have it signed that no bid of yours was received in LOT."""
    from trading import client

    session = client.connect(url, user, password_file)
    out.write_bytes(session.call("POST", f"/api/lots/{lot}/no-bid-statement").content)
    click.echo(f"signed statement in {out}")


@bid.command("check-seals")
@options.account
@click.argument("lot")
@click.argument("receipt", type=FILE)
def check_seals(url: str, user: str, password_file: Path, lot: str, receipt: Path) -> None:
    """After the deadline: check that the fixed set of bids holds the one of your RECEIPT."""
    from trading import client
    from trading.bidding import sending

    click.echo(sending.check_seals(client.connect(url, user, password_file), lot, receipt.read_bytes()))


RECOVERY = click.option("--recovery", required=True, type=FILE, help="bid-recovery.age of the sealed bid.")


@bid.command()
@options.account
@RECOVERY
@click.argument("lot")
def share(url: str, user: str, password_file: Path, recovery: Path, lot: str) -> None:
    """After the deadline, where the tender asks for it: give your own share of your bid's keys for LOT."""
    from trading import client
    from trading.bidding import recovering

    session = client.connect(url, user, password_file)
    parts = recovering.give_share(session, lot, recovery.read_bytes(), options.passphrase())
    click.echo(f"shares given for {', '.join(parts)}")


@bid.command()
@options.account
@RECOVERY
@click.argument("lot")
def recover(url: str, user: str, password_file: Path, recovery: Path, lot: str) -> None:
    """When too few custodians released: hand in your bid's own keys for LOT."""
    from trading import client
    from trading.bidding import recovering

    session = client.connect(url, user, password_file)
    parts = recovering.hand_in_keys(session, lot, recovery.read_bytes(), options.passphrase())
    click.echo(f"keys handed in for {', '.join(parts)}")


@bid.command("open")
@RECOVERY
@click.option("--out", required=True, type=FOLDER, help="New folder for the files.")
@click.argument("folder", type=FOLDER)
def open_bid(recovery: Path, out: Path, folder: Path) -> None:
    """Read your own sealed bid in FOLDER again, offline."""
    from trading.bidding import recovering

    for name in recovering.open_own(folder, recovery.read_bytes(), options.passphrase(), out):
        click.echo(out / name)


@bid.command()
@options.account
@click.argument("folder", type=FOLDER)
def resend(url: str, user: str, password_file: Path, folder: Path) -> None:
    """Send the sealed bid in FOLDER again after the site damaged what it stored."""
    from trading import client
    from trading.bidding import sending

    sending.resend(client.connect(url, user, password_file), folder)
    click.echo("sent again: the site holds every byte of your manifest")
