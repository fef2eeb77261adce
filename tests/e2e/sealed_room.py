"""A committee over real bids: sealed, submitted, opened by the custodians, each with PDFs for the reading room."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from apps import app_for
from convening import LONG, REASON
from litestar.testing import TestClient
from PIL import Image
from reportlab import rl_config
from reportlab.pdfgen import canvas
from scene import Scene, build
from scene_city import EXPERTS, certified, ordinary_content

from govcore import clock
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.committee import meeting
from trading.opening import parts
from trading.opening.queries import opened_bids
from trading.tender.schemas import Criterion, Item, PartRule, TenderContent

OPEN_LIMIT = 100 << 20
MAKER = "SECRET-MAKER"
"""Who made the blind documents, as their metadata say."""

ITEMS = {"plan": 25, "safety": 15, "record": 10}


@dataclass(frozen=True, slots=True)
class Room:
    """The lot, its committee's session, and its bids in the order of their numbers."""

    lot: str
    bids: tuple[str, ...]
    names: tuple[str, ...]


def prepare(
    platform: Platform, folder: Path, *, bids: int, pages_of: Callable[[int], bytes], blind_pages: int = 2
) -> Room:
    """Play a tender to its evaluation in this process; `pages_of` makes the open document of the n-th bid."""
    folder.mkdir()
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        scene = build(platform, http, folder, lots=1, content=content())
        for n in range(1, bids + 1):
            bidder = _bidder(scene, n)
            plan, deeds = folder / f"plan-{n}.pdf", folder / f"deeds-{n}.pdf"
            plan.write_bytes(small_pdf(f"Plan {n}", pages=blind_pages, author=MAKER))
            deeds.write_bytes(pages_of(n))
            price = 10_000_000_00 + n * 10_000_00
            sealed = scene.seal(
                bidder, price_fen=price, files=[("plan.pdf", plan)], more={"deeds": [("deeds.pdf", deeds)]}
            )
            scene.submit(bidder, sealed)
        scene.close()
        assert scene.check_seals() == []
        scene.release(1, 3)
        assert scene.open_gate()
        scene.read_out()
        scene.write_record()
        return _convened(scene)


def _convened(scene: Scene) -> Room:
    """The large parts are checked to their end, and the committee's session is open; nobody has come in yet."""
    with scene.platform.db.read() as tx:
        bids = opened_bids(tx, scene.lot)
    for bid in bids:
        parts.check_parts(scene.platform, bid.bid_id)
    scene.person("centre").post(
        f"/api/lots/{scene.lot}/committee", {"members": list(EXPERTS), "reason": REASON}
    )
    with scene.platform.db.transaction() as tx:
        at, clerk = clock.now(tx), actor_of_user(tx, "centre")
        meeting.open_session(tx, scene.lot, room_id=None, ends_at=at + LONG, actor=clerk, at=at)
    return Room(scene.lot, tuple(bid.bid_id for bid in bids), tuple(bid.bidder_name for bid in bids))


def content() -> TenderContent:
    """Plans are judged blind, deeds by name; both are PDF files."""
    one = ordinary_content()
    blind = [
        msgspec.structs.replace(part, blind=True, types=("pdf",)) if part.id == "technical" else part
        for part in one.parts
    ]
    items = [Item(id=id_, label=f"因素 {id_}", max_points=most) for id_, most in ITEMS.items()]
    return msgspec.structs.replace(
        one,
        parts=[*blind, PartRule(id="deeds", label="业绩文件", max_size=OPEN_LIMIT, types=("pdf",))],
        criteria=[
            Criterion(id="technical", label="技术部分", kind="manual", max_points=50, items=items),
            Criterion(id="price", label="报价部分", kind="price", max_points=50),
        ],
    )


def _bidder(scene: Scene, n: int) -> str:
    """The n-th bidder, who is new in the city where it has no more."""
    name, platform = f"bidder-{n}", scene.platform
    if name not in scene.city.tokens:
        with platform.db.transaction() as tx:
            tx.add(Organisation(id=name, uscc=f"91371500MB{n:08d}", name=f"临湖第{n}水利工程公司"))
            tx.flush()
            tx.add(User(id=name, username=name, name=name, org_id=name, password_hash="none"))
            tx.flush()
            tx.add(UserRole(user_id=name, role=Role.BIDDER))
            tx.flush()
            scene.city.signers[name] = certified(tx, platform, name)
            scene.city.tokens[name] = open_session(tx, user_id=name, at=clock.now(tx))
    return name


def small_pdf(title: str, *, pages: int = 2, author: str = "") -> bytes:
    """Pages with a bookmark each."""
    return _drawn(title, pages=pages, author=author)


def scanned_pdf(title: str, folder: Path, *, pages: int, page_bytes: int = 1_700_000) -> bytes:
    """The same with a picture of about this size on each page, as scanners make them."""
    side = int((page_bytes / 0.756) ** 0.5)
    drawn = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(drawn, "JPEG", quality=85)
    pictures = [folder / f"scan-{n}.jpg" for n in range(pages)]
    for picture in pictures:
        picture.write_bytes(drawn.getvalue())
    return _drawn(title, pages=pages, author="", pictures=pictures)


def _drawn(title: str, *, pages: int, author: str, pictures: Sequence[Path] = ()) -> bytes:
    out = io.BytesIO()
    as_it_is, rl_config.useA85 = rl_config.useA85, 0
    try:
        page = canvas.Canvas(out)
        page.setAuthor(author)
        for number in range(1, pages + 1):
            page.bookmarkPage(f"p{number}")
            page.addOutlineEntry(f"{title}, chapter {number}", f"p{number}")
            page.drawString(72, 760, f"{title}, page {number} of {pages}")
            if pictures:
                page.drawImage(pictures[number - 1], 72, 72, 450, 650)
            page.showPage()
        page.save()
    finally:
        rl_config.useA85 = as_it_is
    return out.getvalue()
