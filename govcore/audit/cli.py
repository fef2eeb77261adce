"""`trading audit`: export the log, and check it without a server."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import click

from govcore.audit.verify import Report, Trust, verify_export, verify_log

_TIMEOUT = 30


@click.group()
def audit() -> None:
    """Export the transparency log, and check it offline."""


@audit.command()
@click.argument("source", required=False)
@click.option(
    "--trust",
    "trust_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON of what you pin.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(source: str | None, trust_file: Path | None, as_json: bool) -> None:
    """Check an exported folder, a log's address, or (without SOURCE) the log of the current data folder."""
    try:
        trust = Trust.load(trust_file) if trust_file else Trust()
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--trust") from error
    where, report = _verify(source, trust)
    click.echo(_json(where, report) if as_json else _text(where, report))
    sys.exit(0 if report.ok else 1)


@audit.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--public", is_flag=True, help="Leave out the events that only auditors may read.")
def export(folder: Path, public: bool) -> None:
    """Write the log of the current data folder to FOLDER."""
    size = _export(folder, with_events=not public)
    click.echo(f"{size} entries written to {folder}")


def _verify(source: str | None, trust: Trust) -> tuple[str, Report]:
    if source is None:
        return _verify_own(trust)
    if source.startswith(("http://", "https://")):
        return source, _verify_address(source.rstrip("/"), trust)
    if not Path(source).is_dir():
        raise click.BadParameter(f"there is no folder {source}", param_hint="SOURCE")
    return source, verify_export(Path(source), trust)


def _verify_own(trust: Trust) -> tuple[str, Report]:
    """The database if there is one; else the export that the demo left."""
    url, data = _own_database()
    if url is not None:
        with tempfile.TemporaryDirectory(prefix="log-") as folder:
            _export(Path(folder), with_events=True)
            return f"the database of {data}", verify_export(Path(folder), trust)
    exported = data / "demo" / "log"
    if not exported.is_dir():
        raise click.ClickException(f"there is no log in {data}: name a folder or an address")
    return str(exported), verify_export(exported, trust)


def _verify_address(base: str, trust: Trust) -> Report:
    def read(path: str) -> bytes | None:
        try:
            with urlopen(f"{base}/{path}", timeout=_TIMEOUT) as response:  # noqa: S310 - http(s) only, see _verify
                body: bytes = response.read()
                return body
        except HTTPError as error:
            if error.code == 404:
                return None
            raise click.ClickException(f"{base}/{path}: {error}") from error
        except URLError as error:
            raise click.ClickException(f"{base}/{path}: {error.reason}") from error

    return verify_log(read, trust)


def _own_database() -> tuple[str | None, Path]:
    from govcore.settings import Settings

    settings = Settings.from_environ(os.environ)
    path = settings.database_url.removeprefix("sqlite:///")
    missing = path != settings.database_url and not Path(path).is_file()
    return (None if missing else settings.database_url), settings.data


def _export(folder: Path, *, with_events: bool) -> int:
    """SQLAlchemy is loaded here, so that help and offline checks do without it."""
    from govcore.audit import queries
    from govcore.audit.export import export as write
    from govcore.audit.note import VerifierKey
    from govcore.db import Database
    from govcore.errors import Problem

    url, data = _own_database()
    if url is None:
        raise click.ClickException(f"there is no database in {data}")
    database = Database(url)
    try:
        with database.snapshot() as tx:
            latest = queries.latest_checkpoint(tx)
            origin = latest.note.partition("\n")[0] if latest else "empty"
            return write(
                tx, folder, vkey=str(VerifierKey(origin, queries.log_key(tx))), with_events=with_events
            )
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
    lines.append("The log is in order." if report.ok else "The log is NOT in order.")
    return "\n".join(lines)
