"""The file of a complaint for its regulator: one ZIP with a manifest of hashes, checkable without the platform."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec
from sqlalchemy import select

from govcore.audit import queries as audit
from govcore.audit.entries import time_text
from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity.policy import Actor, require
from govcore.platform import Platform
from trading.challenge import evidence, facts, queries
from trading.challenge.entries import filer_of, words_of
from trading.challenge.models import Case, Entry, Evidence
from trading.challenge.policy import Kind
from trading.documents import queries as documents
from trading.notices.models import Notice
from trading.notices.service import content_bytes
from trading.tender.queries import lot_context

README = """本案卷由平台依请求生成。manifest.json 列出每个文件的大小和 SHA-256；receipts/ 是平台签名的回执；
log/ 是透明日志的包含证明，可用 trading audit verify 离线核验；notices/ 是公告原文；documents.json 列出各版文件指纹。

This file was made on request. manifest.json lists size and SHA-256 of every file; receipts/ hold the platform's signed
receipts; log/ the log's inclusion proofs, checked offline by `trading audit verify`; notices/ the notices as published;
documents.json the hashes of every version of the tender documents.
"""


def take(tx: Tx, platform: Platform, case_id: str, *, actor: Actor, at: datetime) -> tuple[str, bytes]:
    """Number and ZIP of a complaint before the actor's department; that it was taken is logged."""
    require(actor, "challenge.decide")
    row, _ = queries.visible_case(tx, platform, case_id, actor=actor)
    if row.kind != Kind.COMPLAINT or row.regulator_id != actor.org_id:
        raise NotFound
    content = zipped(dict(_files(tx, platform, row, actor)), number=row.number, at=at)
    data = {"number": row.number, "zip_sha256": hashlib.sha256(content).hexdigest()}
    record(tx, "challenge.file_read", subject=row.id, actor=actor.user_id, at=at, data=data)
    return row.number, content


def zipped(files: dict[str, bytes], *, number: str, at: datetime) -> bytes:
    """The files in one archive, the manifest first."""
    listed = [
        {"path": path, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        for path, body in sorted(files.items())
    ]
    manifest = {"number": number, "made_at": time_text(at), "files": listed}
    whole = {"manifest.json": msgspec.json.format(msgspec.json.encode(manifest)), **files}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in whole.items():
            archive.writestr(zipfile.ZipInfo(path, at.timetuple()[:6]), body, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _files(tx: Tx, platform: Platform, row: Case, actor: Actor) -> Iterator[tuple[str, bytes]]:
    yield "README.txt", README.encode()
    chain = [row]
    while chain[-1].about_id is not None:
        chain.append(tx.get_one(Case, chain[-1].about_id))
    for case in chain:
        yield f"receipts/{case.number}.json", case.receipt
        yield from _said(tx, platform, case)
    for notice in tx.scalars(select(Notice).where(Notice.tender_id == row.tender_id)):
        yield f"notices/{notice.kind}-{notice.id[:8]}.json", content_bytes(notice)
    yield "documents.json", _documents(tx, row.tender_id, actor)


def _said(tx: Tx, platform: Platform, case: Case) -> Iterator[tuple[str, bytes]]:
    """A case, its evidence, and the log's proof of each entry that the log holds already."""

    def place(entry: Entry, one: Evidence, name: str) -> str:
        return f"evidence/{case.number}/{entry.seq}-{one.id[:6]}-{_plain(name)}"

    told, proofs = record_of(tx, platform, case, place)
    for path, one in proofs:
        yield path, evidence.content_of(platform.store, platform.wrapper, one).content
    for entry in tx.scalars(select(Entry).where(Entry.case_id == case.id).order_by(Entry.seq)):
        try:
            proof = audit.inclusion_proof(tx, bytes.fromhex(entry.leaf))
        except NotFound:
            continue  # recorded a moment ago: the log takes it in at its next instant
        yield f"log/{case.number}-{entry.seq}.tlog-proof", proof.encode()
    yield f"cases/{case.number}.json", told


def record_of(
    tx: Tx, platform: Platform, case: Case, place: Callable[[Entry, Evidence, str], str]
) -> tuple[bytes, list[tuple[str, Evidence]]]:
    """A case with all that was said in it as JSON, and its evidence by the paths that `place` gives it there."""
    said, proofs = [], []
    for entry in tx.scalars(select(Entry).where(Entry.case_id == case.id).order_by(Entry.seq)):
        words, names = words_of(platform, entry), []
        for one in tx.scalars(select(Evidence).where(Evidence.entry_id == entry.id).order_by(Evidence.id)):
            names.append(place(entry, one, evidence.name_of(platform.wrapper, one)))
            proofs.append((names[-1], one))
        when = {"at": time_text(entry.at), "late": entry.late, "sha256": entry.sha256, "leaf": entry.leaf}
        spoken = {"said": entry.said, "side": entry.side, "text": words.text, "files": names}
        said.append(spoken | when | {"organisation": words.organisation, "person": words.person})
    filer = filer_of(platform, case)
    told = {
        "number": case.number,
        "kind": case.kind,
        "stage": case.stage,
        "state": case.state,
        "lots": [lot_context(tx, lot_id).lot_code for lot_id in facts.lot_ids_of(tx, case.id)],
        "filer": {"name": filer.name, "code": filer.code, "person": filer.person},
        "ground": case.ground,
        "on_paper": case.on_paper,
        "known_at": time_text(case.known_at),
        "received_at": time_text(case.received_at),
        "recorded_at": time_text(case.recorded_at),
        "overtaken": case.overtaken,
        "said": said,
    }
    return msgspec.json.format(msgspec.json.encode(told)), proofs


def _documents(tx: Tx, tender_id: str, actor: Actor) -> bytes:
    listed = [
        {
            "version": one.number,
            "published_at": time_text(one.published_at) if one.published_at else None,
            "manifest_sha256": one.manifest_sha256,
            "files": msgspec.to_builtins(one.files),
        }
        for one in documents.visible_versions(tx, tender_id, actor=actor)
    ]
    return msgspec.json.format(msgspec.json.encode(listed))


def _plain(name: str) -> str:
    """A file's name without what could leave its folder."""
    return "".join("_" if letter in '/\\:*?"<>|' or ord(letter) < 32 else letter for letter in name)
