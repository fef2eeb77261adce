"""Order a package, read its files one by one, seal it in the log."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime

import msgspec
from sqlalchemy import func, select, update

from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.archive import collecting, queries
from trading.archive.models import Package, PackageFile
from trading.archive.policy import FORMAT, MADE_EVENT, PackageState
from trading.archive.queries import DisposedOf
from trading.archive.sources import WRAPPED, Source, content_of, context_of
from trading.tender.models import Tender


class RoundNotDone(Problem):
    code = "E_ARCHIVE_EARLY"
    text = "This round still runs; its archive can be made once every lot has ended or is awarded."


class FileDiffers(Problem):
    """A stored file is not the one that was published: people must look."""

    code = "E_ARCHIVE_FILE"
    status = 500
    text = "The stored file {path} has another hash than the one that was recorded for it."


def order(tx: Tx, platform: Platform, tender_id: str, *, actor: Actor, at: datetime) -> str:
    """Fix what belongs to a new package of a round that has ended; a sweep reads the files. The package's id."""
    require(actor, "archive.make")
    queries.seen_tender(tx, tender_id, actor)
    if not queries.is_over(tx, tender_id):
        raise RoundNotDone
    if queries.disposal_of(tx, tender_id) is not None:
        raise DisposedOf
    package = Package(
        id=new_id(),
        tender_id=tender_id,
        state=PackageState.COLLECTED,
        ordered_by=actor.user_id,
        ordered_at=at,
    )
    tx.add(package)
    tx.flush()
    for position, source in enumerate(collecting.sources(tx, platform, tender_id)):
        tx.add(_file(platform, package.id, position, source))
    data = {"tender_id": tender_id}
    record(tx, "archive.ordered", subject=package.id, actor=actor.user_id, at=at, data=data)
    return package.id


def _file(platform: Platform, package_id: str, position: int, source: Source) -> PackageFile:
    context, secret = context_of(package_id, position), source.secret
    return PackageFile(
        package_id=package_id,
        position=position,
        path=source.path,
        store_key=source.key,
        expected_sha256=source.sha256,
        body=source.body,
        wrapped=None if secret is None else platform.wrapper.wrap(WRAPPED, context, secret),
        taken=source.taken,
    )


def read_next(platform: Platform, package_id: str) -> bool:
    """Read one file that was not read yet and keep its size and hashes; false when all are read.

    Raises `FileDiffers` for one that is not the recorded file.
    """
    with platform.db.read() as tx:
        query = select(PackageFile).where(PackageFile.package_id == package_id, PackageFile.sha256.is_(None))
        file = tx.scalar(query.order_by(PackageFile.position).limit(1))
    if file is None:
        return False
    digest, crc, size = hashlib.sha256(), 0, 0
    for piece in content_of(platform, file):
        digest.update(piece)
        crc = zlib.crc32(piece, crc)
        size += len(piece)
    if file.expected_sha256 not in (None, digest.hexdigest()):
        raise FileDiffers(path=file.path)
    with platform.db.transaction() as tx:
        tx.execute(
            update(PackageFile)
            .where(PackageFile.package_id == package_id, PackageFile.position == file.position)
            .values(size=size, sha256=digest.hexdigest(), crc=crc)
        )
    return True


def seal(tx: Tx, package_id: str, *, at: datetime) -> bool:
    """Write the manifest of a package that is read, and name it in the log; false when another was first."""
    package = tx.get_one(Package, package_id)
    manifest = _manifest(tx, package, at=at)
    sha256 = hashlib.sha256(manifest).hexdigest()
    data = {"tender_id": package.tender_id, "manifest_sha256": sha256}
    sealing = update(Package).where(Package.id == package_id, Package.state == PackageState.COLLECTED)
    values = {
        "state": PackageState.SEALED,
        "manifest": manifest,
        "manifest_sha256": sha256,
        "sealed_at": at,
    }
    if tx.execute(sealing.values(**values).returning(Package.id)).one_or_none() is None:
        return False
    leaf = record(tx, MADE_EVENT, subject=package_id, actor="system", at=at, data=data)
    tx.execute(update(Package).where(Package.id == package_id).values(leaf=leaf.hash))
    return True


def _manifest(tx: Tx, package: Package, *, at: datetime) -> bytes:
    unread = select(func.count()).where(PackageFile.package_id == package.id, PackageFile.sha256.is_(None))
    if tx.scalar(unread.select_from(PackageFile)):
        raise NotFound
    tender = tx.get_one(Tender, package.tender_id)
    rules = queries.rules_of(tender)
    files = queries.files_of(tx, package.id)
    said = {
        "format": FORMAT,
        "tender_id": tender.id,
        "code": tender.code,
        "title": tender.title,
        "rule_set": rules.id,
        "rule_set_version": rules.version,
        "retention_years": rules.count("T40"),
        "made_at": time_text(at),
        "files": [{"path": one.path, "size": one.size, "sha256": one.sha256} for one in files],
    }
    return msgspec.json.format(msgspec.json.encode(said), indent=1)
