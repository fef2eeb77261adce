"""A backup of database and store with a manifest, and the return from it into an empty database."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import inspect, make_url

from govcore import clock
from govcore.audit.queries import latest_checkpoint
from govcore.audit.service import record
from govcore.db import Database
from govcore.dsse import Envelope
from govcore.errors import Problem
from govcore.module import Registry
from govcore.settings import Settings
from govcore.setup import applied, wanted
from govcore.storage import Store
from govcore.upkeep import approvals, store_copies
from govcore.upkeep.approvals import Request, RequestOver
from govcore.upkeep.history import GIVES_UP, RESTORED, heads
from govcore.upkeep.policy import ORDER_LASTS

MANIFEST, DATA, LIST = "manifest.json", "database", "store.jsonl"
MADE = "backup.made"
RESTORE, _ASKED = "backup.restore", "restore-request"


class BackupBroken(Problem):
    """The folder holds no backup, or not the one that its manifest describes."""

    code = "E_BACKUP"
    status = 422
    text = "This folder holds no whole backup for this release and this kind of database: {what}."


class NotEmpty(Problem):
    code = "E_NOT_EMPTY"
    text = "The database {target} holds something already. A backup comes back into an empty one only."


class ToolFailed(Problem):
    """pg_dump or pg_restore is missing or ended with an error."""

    code = "E_TOOL"
    status = 500
    text = "{tool} did not do it: {why}"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup is: its bytes, the log it holds at least, its migrations; the store's copy and the list of it."""

    v: int
    made_at: datetime
    kind: str
    bytes: int
    sha256: str
    log: str
    log_size: int
    log_root: str
    migrations: dict[str, list[str]]
    store: str = ""
    list_sha256: str = ""


def make(settings: Settings, registry: Registry, folder: Path, *, store: str = "") -> Manifest:
    """Copy the database while the site runs into a new folder that only its owner can read, then the store.

    In this order the copy of the store holds everything that the copied rows name. The log keeps that it was done.
    """
    folder.mkdir(mode=0o700)
    database = _database(settings, registry)
    try:
        with database.read() as tx:
            head, made_at, revisions = latest_checkpoint(tx), clock.now(tx), applied(tx, registry)
    finally:
        database.dispose()
    _dump(settings, folder / DATA)
    if store:
        copied = store_copies.copy(Store(settings.store_url), Store(store), at=made_at)
        (folder / LIST).write_bytes(copied)
    manifest = Manifest(
        v=1,
        made_at=made_at,
        kind=_kind(settings),
        bytes=(folder / DATA).stat().st_size,
        sha256=_sha256(folder / DATA),
        log=settings.log_origin,
        log_size=head.size if head else 0,
        log_root=head.root.hex() if head else "",
        migrations=revisions,
        store=store,
        list_sha256=_sha256(folder / LIST) if store else "",
    )
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    _note_made(settings, registry, folder, manifest)
    return manifest


def _note_made(settings: Settings, registry: Registry, folder: Path, manifest: Manifest) -> None:
    database = _database(settings, registry)
    try:
        with database.transaction() as tx:
            digest = _sha256(folder / MANIFEST)
            data = {"log_size": manifest.log_size, "whole": bool(manifest.store)}
            record(tx, MADE, subject=digest, actor="system", at=clock.now(tx), data=data)
    finally:
        database.dispose()


def request(
    settings: Settings, registry: Registry, folder: Path, *, at: datetime, nonce: str
) -> tuple[Request, Envelope]:
    """What two operators have to sign within ten minutes; this machine keeps its hash, and forgets an earlier one."""
    approvals.refuse_too_few(settings.operators)
    manifest, digest = _checked(settings, registry, folder)
    _refuse_filled(settings)
    made = Request(
        act=RESTORE,
        object=target(settings),
        shown=_shown(settings, manifest, digest),
        nonce=nonce,
        until=at + ORDER_LASTS,
    )
    return made, approvals.ask(settings.data / _ASKED, made)


def restore(
    settings: Settings, registry: Registry, folder: Path, signed: Envelope, *, at: datetime
) -> tuple[Manifest, list[str]]:
    """Bring the backup back into the empty database on the word of two operators, once; who they were is logged."""
    asked = approvals.read(signed)
    names = approvals.approvers(signed, settings.operators)
    manifest, digest = _checked(settings, registry, folder)
    wanted_now = RESTORE, target(settings), _shown(settings, manifest, digest)
    if (asked.act, asked.object, asked.shown) != wanted_now:
        raise RequestOver
    _refuse_filled(settings)
    approvals.use_up(settings.data / _ASKED, asked, at=at)
    if manifest.store:
        listed = (folder / LIST).read_bytes()
        store_copies.bring_back(Store(manifest.store), Store(settings.store_url), listed)
    _load(settings, folder / DATA)
    database = _database(settings, registry)
    try:
        with database.transaction() as tx:
            head = latest_checkpoint(tx)
            size = head.size if head else 0
            if size < manifest.log_size:
                raise BackupBroken(what="its log is shorter than the manifest says")
            data = {
                "manifest": digest,
                "log_size": size,
                "operators": names,
                "request": signed.encode().decode(),
            }
            record(tx, RESTORED, subject=digest, actor="system", at=clock.now(tx), data=data)
    finally:
        database.dispose()
    return manifest, names


def _shown(settings: Settings, manifest: Manifest, digest: str) -> dict[str, str]:
    """What the operators see: which backup, and the heads in the store which its log may not reach."""
    beyond = [str(one) for one in heads(Store(settings.store_url)) if one.size > manifest.log_size]
    return {
        "backup of": manifest.made_at.isoformat(),
        "manifest": digest,
        "log": f"{manifest.log} {manifest.log_size}",
        "store": manifest.store,
        GIVES_UP: ", ".join(beyond),
    }


def target(settings: Settings) -> str:
    """The database's address without its password."""
    return make_url(settings.database_url).render_as_string(hide_password=True)


def _checked(settings: Settings, registry: Registry, folder: Path) -> tuple[Manifest, str]:
    """The manifest and its hash, when the folder holds what it says and this release can use it."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
        whole = (folder / DATA).stat().st_size == manifest.bytes and _sha256(folder / DATA) == manifest.sha256
        whole = whole and (not manifest.store or _sha256(folder / LIST) == manifest.list_sha256)
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupBroken(what=str(error)) from error
    wrong = {
        "another form of backup": manifest.v != 1,
        "its files are not those in the manifest": not whole,
        f"it is of {manifest.kind}": manifest.kind != _kind(settings),
        f"it is of the log {manifest.log}": manifest.log != settings.log_origin,
        "another release made it, install that one first": manifest.migrations != wanted(registry),
    }
    for what, holds in wrong.items():
        if holds:
            raise BackupBroken(what=what)
    return manifest, hashlib.sha256(raw).hexdigest()


def _refuse_filled(settings: Settings) -> None:
    if _kind(settings) == "sqlite":
        filled = _sqlite_path(settings).exists()
    else:
        database = Database(settings.database_url)
        filled = bool(inspect(database.engine).get_table_names())
        database.dispose()
    if filled:
        raise NotEmpty(target=target(settings))


def _dump(settings: Settings, file: Path) -> None:
    if _kind(settings) == "sqlite":
        _copy_sqlite(_sqlite_path(settings), file)
    else:
        _run(settings, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")
    file.chmod(0o400)


def _load(settings: Settings, file: Path) -> None:
    if _kind(settings) == "sqlite":
        _sqlite_path(settings).parent.mkdir(parents=True, exist_ok=True)
        _copy_sqlite(file, _sqlite_path(settings))
    else:
        _run(settings, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", str(file))


def _copy_sqlite(source: Path, copy: Path) -> None:
    """Copy a database that others may be writing to: SQLite gives one moment of it."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(copy)) as new,
    ):
        old.backup(new)


def _run(settings: Settings, tool: str, *arguments: str) -> None:
    """Call one of PostgreSQL's programs; the password travels in the environment, where others do not see it."""
    url = make_url(settings.database_url)
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environ = {**os.environ, "PGPASSWORD": str(url.password or "")}
    try:
        done = subprocess.run(
            [tool, f"--dbname={address}", *arguments],
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise ToolFailed(tool=tool, why=error.strerror) from error
    if done.returncode:
        raise ToolFailed(tool=tool, why=done.stderr.strip().partition("\n")[0])


def _database(settings: Settings, registry: Registry) -> Database:
    info = {
        "registry": registry,
        "settings": settings,
        "clock_offset": settings.clock_offset,
        "clock_file": settings.clock_file,
    }
    return Database(settings.database_url, info=info)


def _kind(settings: Settings) -> str:
    return make_url(settings.database_url).get_backend_name()


def _sqlite_path(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
