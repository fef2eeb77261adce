"""What people do to seals themselves: certify one, seal a file of their own, fetch it again."""

from __future__ import annotations

import hashlib
from datetime import datetime

from litestar import Response

from govcore import clock
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor
from govcore.pdf.styles import SERIF, require_glyphs
from govcore.platform import Platform
from govcore.seals import queries, sealing, service, uses
from govcore.seals.models import SealCertificate
from govcore.seals.policy import BY_HAND, UseState
from govcore.seals.queries import UseShown
from govcore.seals.signing import NotSealable
from govcore.web.downloads import disposition

FILE_LIMIT = 20 << 20
_TITLE_MAX = 200


class TitleMissing(Problem):
    code = "E_SEAL_TITLE"
    status = 422
    text = "Say in up to 200 characters what is sealed; the register shows it."


def certify(tx: Tx, platform: Platform, seal_id: str, *, actor: Actor, at: datetime) -> SealCertificate:
    """Certify a seal; the certificate says where the list of ended ones is, where the site knows its address."""
    site = platform.settings.site_url.rstrip("/")
    list_url = f"{site}/seal-authority.crl" if site else ""
    return service.certify_seal(tx, platform.wrapper, seal_id, list_url=list_url, actor=actor, at=at)


def seal_file(platform: Platform, seal_id: str, *, file: bytes | None, title: str, actor: Actor) -> UseShown:
    """Seal a file as its keeper orders; the same file under the same seal is sealed once."""
    title = title.strip()
    if not title or len(title) > _TITLE_MAX:
        raise TitleMissing
    require_glyphs(title, SERIF)
    if not file or not file.startswith(b"%PDF-"):
        raise NotSealable
    subject = f"{seal_id[:32]}/{hashlib.sha256(file).hexdigest()}"
    code = sealing.check_code(platform, BY_HAND, subject)
    with platform.db.read() as tx:
        order = uses.order_by_hand(tx, seal_id, subject=subject, title=title, code=code, actor=actor)
    paper = sealing.issue(platform, file, order)
    assert paper.use_id is not None  # it was ordered
    with platform.db.transaction() as tx:
        uses.finish_use(tx, paper, at=clock.now(tx))
        return queries.use(tx, paper.use_id, actor=actor)


def paper(platform: Platform, use_id: str, *, actor: Actor) -> Response[bytes]:
    """A file that was sealed by hand; other papers are handed out where they belong, to whom they concern."""
    with platform.db.read() as tx:
        use = queries.use(tx, use_id, actor=actor)
    if use.state != UseState.SEALED or use.purpose != BY_HAND or use.sealed_sha256 is None:
        raise NotFound
    content = platform.store.get(sealing.paper_key(use.sealed_sha256))
    headers = {"content-disposition": disposition(f"{use.number}.pdf")}
    return Response(content, media_type="application/pdf", headers=headers)
