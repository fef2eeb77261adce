"""`trading audit`: export the log, prove an entry, and check both without a server."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import click

from govcore.audit.proof import HEADER, ProofRefused, Read, prove
from govcore.audit.trust import Trust
from govcore.audit.verify import Report, verify_export, verify_log, verify_proof

if TYPE_CHECKING:
    from govcore.settings import Settings

_TIMEOUT = 30
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Export the transparency log, prove an entry, and check both offline."""


def _pinned(command: Callable[..., None]) -> Callable[..., None]:
    """The two files that say what the caller trusts."""
    trust = click.option("--trust", "trust_file", type=FILE, help="JSON of what you pin.")
    policy = click.option(
        "--policy", "policy_file", type=FILE, help="tlog-policy: logs and witnesses you pin."
    )
    return trust(policy(command))


@audit.command()
@click.argument("source", required=False)
@_pinned
@click.option("--receipt", type=FILE, help="The receipt whose entry a proof is to prove.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(
    source: str | None, trust_file: Path | None, policy_file: Path | None, receipt: Path | None, as_json: bool
) -> None:
    """Check an exported folder, a log's address, a .tlog-proof file, or (without SOURCE) the log of the data folder."""
    where, report = _verify(source, _trust(trust_file, policy_file), receipt)
    click.echo(_json(where, report) if as_json else _text(where, report))
    sys.exit(0 if report.ok else 1)


@audit.command("prove")
@click.argument("receipt", type=FILE)
@click.option("--url", help="The site that gave the receipt.")
@click.option(
    "--export", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="An export."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: beside the receipt.")
def prove_receipt(receipt: Path, url: str | None, folder: Path | None, out: Path | None) -> None:
    """Write the proof that the log holds the entry of RECEIPT, from a site or from an export."""
    leaf = _leaf_of(receipt)
    if (url is None) == (folder is None):
        raise click.UsageError("give either --url or --export")
    try:
        text = _fetched(url, leaf) if url else prove(_reader(str(folder)), leaf)
    except ProofRefused as refused:
        raise click.ClickException(str(refused)) from refused
    target = out or receipt.with_suffix(".tlog-proof")
    target.write_text(text, encoding="utf-8")
    click.echo(f"proof written to {target}; check it with: trading audit verify {target} --receipt {receipt}")


@audit.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--public", is_flag=True, help="Leave out the events that only auditors may read.")
@click.option("--newest", is_flag=True, help="With the newest entries, which no witness has cosigned yet.")
def export(folder: Path, public: bool, newest: bool) -> None:
    """Write the log of the current data folder to FOLDER."""
    size = _export(folder, with_events=not public, newest=newest)
    click.echo(f"{size} entries written to {folder}")


def _trust(trust: Path | None, policy: Path | None) -> Trust:
    try:
        return Trust.load(trust, policy)
    except ValueError as error:
        raise click.ClickException(f"what you pin cannot be read: {error}") from error


def _leaf_of(receipt: Path) -> bytes:
    """The leaf that a signed receipt names; its signature is not judged here."""
    from govcore.dsse import Envelope
    from govcore.errors import Problem

    try:
        payload = json.loads(Envelope.decode(receipt.read_bytes()).payload)
        return bytes.fromhex(payload["leaf"])
    except (Problem, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"{receipt} is no receipt: it names no leaf of the log") from error


def _fetched(url: str, leaf: bytes) -> str:
    site = url.rstrip("/").removesuffix("/log")
    found = _reader(site)(f"api/log/proof/{leaf.hex()}")
    if found is None:
        raise ProofRefused(
            "the log does not hold the entry yet; after `promise_by` that breaks the receipt's promise"
        )
    return found.decode(errors="replace")


def _verify(source: str | None, trust: Trust, receipt: Path | None) -> tuple[str, Report]:
    if source is None:
        return _verify_own(trust)
    if source.startswith(("http://", "https://")):
        return source, verify_log(_reader(source.rstrip("/")), trust)
    path = Path(source)
    if path.is_file():
        text = path.read_text(encoding="utf-8", errors="replace")
        if not text.startswith(HEADER):
            raise click.BadParameter(f"{source} is no tlog-proof", param_hint="SOURCE")
        return source, verify_proof(text, trust, receipt=_leaf_of(receipt) if receipt else None)
    if not path.is_dir():
        raise click.BadParameter(f"there is no folder {source}", param_hint="SOURCE")
    return source, verify_export(path, trust)


def _verify_own(trust: Trust) -> tuple[str, Report]:
    """The database if there is one; else the export that the demo left."""
    url, data = _own_database()
    if url is not None:
        with tempfile.TemporaryDirectory(prefix="log-") as folder:
            _export(Path(folder), with_events=True, newest=True)
            return f"the database of {data}", verify_export(Path(folder), trust)
    exported = data / "demo" / "log"
    if not exported.is_dir():
        raise click.ClickException(f"there is no log in {data}: name a folder or an address")
    return str(exported), verify_export(exported, trust)


def _reader(base: str) -> Read:
    """Files below a folder or an address."""

    def fetch(path: str) -> bytes | None:
        try:
            with urlopen(f"{base}/{path}", timeout=_TIMEOUT) as response:  # noqa: S310 - http(s) only, see callers
                body: bytes = response.read()
                return body
        except HTTPError as error:
            if error.code == 404:
                return None
            raise click.ClickException(f"{base}/{path}: {error}") from error
        except (URLError, ValueError) as error:
            raise click.ClickException(f"{base}/{path}: {getattr(error, 'reason', error)}") from error

    def open_file(path: str) -> bytes | None:
        file = Path(base) / path
        return file.read_bytes() if file.is_file() else None

    return fetch if base.startswith(("http://", "https://")) else open_file


def _own_database() -> tuple[str | None, Path]:
    settings = _settings()
    path = settings.database_url.removeprefix("sqlite:///")
    missing = path != settings.database_url and not Path(path).is_file()
    return (None if missing else settings.database_url), settings.data


def _settings() -> Settings:
    from govcore.settings import Settings

    return Settings.from_environ(os.environ)


def _export(folder: Path, *, with_events: bool, newest: bool) -> int:
    """SQLAlchemy is loaded here, so that help and offline checks do without it."""
    from govcore.audit import queries
    from govcore.audit.export import export as write
    from govcore.audit.note import VerifierKey
    from govcore.db import Database
    from govcore.errors import Problem

    url, data = _own_database()
    if url is None:
        raise click.ClickException(f"there is no database in {data}")
    database = Database(url, info={"settings": _settings()})
    try:
        with database.snapshot() as tx:
            latest = queries.latest_checkpoint(tx)
            origin = latest.note.partition("\n")[0] if latest else "empty"
            vkey = str(VerifierKey(origin, queries.log_key(tx)))
            return write(tx, folder, vkey=vkey, with_events=with_events, newest=newest)
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem
    finally:
        database.dispose()


def _json(where: str, report: Report) -> str:
    checks = [{"id": check.id, "ok": check.ok, "detail": check.detail} for check in report.checks]
    body = {
        "source": where,
        "ok": report.ok,
        "size": report.size,
        "checks": checks,
        "warnings": report.warnings,
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def _text(where: str, report: Report) -> str:
    lines = [f"Checked {where}: {report.size} entries."]
    lines += [f"{'ok  ' if check.ok else 'FAIL'}  {check.id}: {check.detail}" for check in report.checks]
    lines += [f"note  {warning}" for warning in report.warnings]
    lines.append(f"The {report.subject} is {'in order' if report.ok else 'NOT in order'}.")
    return "\n".join(lines)
