"""From a paper to a sealed paper: record the use, sign, store once; the issuing transaction then finishes the use.

The authority for time stamps is asked between two transactions, so that it can hold up nothing but this paper.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from govcore import clock
from govcore.db import Tx
from govcore.pdf.blocks import CheckCode
from govcore.platform import Platform
from govcore.seals import picture, queries, uses
from govcore.seals.policy import Stamp, code_of
from govcore.seals.signing import Tool, sign
from govcore.seals.stamping import NoTimeStamp, authority_of
from govcore.seals.uses import IssuedPaper, UseOrder
from govcore.storage import AlreadyStored

VERIFY = "/verify-document"


def paper_key(sha256: str) -> str:
    """Where a paper lies in the store."""
    return f"papers/{sha256}.pdf"


def standing_order(
    tx: Tx,
    platform: Platform,
    *,
    org_id: str,
    purpose: str,
    subject: str,
    title: str,
    requested_by: str | None,
) -> UseOrder | None:
    """The use that the organisation's standing order asks for, nothing when its papers of this kind bear no seal."""
    seal_id = uses.standing_seal(tx, org_id=org_id, purpose=purpose)
    if seal_id is None:
        return None
    return UseOrder(
        seal_id=seal_id,
        purpose=purpose,
        subject=subject,
        title=title,
        code=check_code(platform, purpose, subject),
        requested_by=requested_by,
    )


def check_code(platform: Platform, purpose: str, subject: str) -> str:
    """The code of one paper: the same each time it is set, and nobody without our key can guess it."""
    return code_of(platform.keys.tag("check code", purpose, subject))


def check_of(platform: Platform, order: UseOrder | None) -> CheckCode | None:
    """What a paper says about where it can be checked; nothing for one without a seal."""
    settings = platform.settings
    site = settings.site_url or f"http://{settings.host}:{settings.port}"
    return None if order is None else CheckCode(order.code, f"{site.rstrip('/')}{VERIFY}")


def issue(platform: Platform, paper: bytes, order: UseOrder | None) -> IssuedPaper:
    """Seal a paper as ordered, or leave it as it is, and store it once under its hash.

    A use that is recorded already, after a crash, is carried out now; one that is finished names its paper. Raises
    `SealUnusable`, `NoSealCertificate`, `NotSealable`. Nothing is issued before `finish_use` has run in the
    transaction that says so.
    """
    if order is None:
        return _stored(platform, paper)
    digest = hashlib.sha256(paper).hexdigest()
    with platform.db.transaction() as tx:
        use = uses.record_use(tx, order, document_sha256=digest, at=clock.now(tx))
        if use.sealed_sha256 is not None:
            return IssuedPaper(
                sha256=use.sealed_sha256,
                size=use.sealed_size or 0,
                key=paper_key(use.sealed_sha256),
                use_id=use.id,
            )
        kept = queries.sealing_key(tx, use)
    key = platform.wrapper.unwrap("seal", kept.sha256, kept.wrapped)
    tool = Tool(
        certificate=kept.certificate,
        issuer=kept.issuer,
        key=key,
        picture=picture.pdf(kept.organ, kept.words, demo=platform.settings.demo),
    )
    reason = f"{order.title}（{use.number}）"
    authority, fault = authority_of(platform.settings), ""
    if authority is not None:
        try:
            sealed = sign(paper, tool, name=kept.organ, reason=reason, stamper=authority)
            return _stored(platform, sealed, use_id=use.id, stamp=Stamp.STAMPED)
        except NoTimeStamp as missing:
            fault = str(missing)
    sealed = sign(paper, tool, name=kept.organ, reason=reason)
    stamp = Stamp.NONE if authority is None else Stamp.FAILED
    return _stored(platform, sealed, use_id=use.id, stamp=stamp, fault=fault)


def _stored(
    platform: Platform,
    content: bytes,
    *,
    use_id: str | None = None,
    stamp: Stamp = Stamp.NONE,
    fault: str = "",
) -> IssuedPaper:
    digest = hashlib.sha256(content).hexdigest()
    with suppress(AlreadyStored):
        platform.store.put_new(paper_key(digest), content)
    return IssuedPaper(
        sha256=digest, size=len(content), key=paper_key(digest), use_id=use_id, stamp=stamp, fault=fault
    )
