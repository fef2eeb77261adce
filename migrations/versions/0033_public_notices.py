"""Create public notices with their papers and the feed of changes, and issue those that were published before."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from govcore.audit.models import append_only
from govcore.db import BigId, UTCDateTime

revision = "0033_public_notices"
down_revision = "0032_session_keys"
branch_labels = None
depends_on = None

PIECES = sa.Text().with_variant(postgresql.ARRAY(sa.Text), "postgresql")
Row = dict[str, Any]


def upgrade() -> None:
    notices = _create_notices()
    papers = op.create_table(
        "notices_paper",
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("store_key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices_notice.id"], name="fk_notices_paper_notice_id"),
        sa.PrimaryKeyConstraint("notice_id", "sealed", name="pk_notices_paper"),
    )
    op.create_index("ix_notices_paper_sha256", "notices_paper", ["sha256"])
    waiting = _create_feed()
    connection = op.get_bind()
    for table in ("notices_notice", "notices_paper", "notices_feed"):
        for statement in append_only(connection.dialect.name, table):
            connection.exec_driver_sql(statement)
    for notice, paper in sorted(_published(connection), key=lambda one: str(one[0]["published_at"])):
        connection.execute(sa.insert(notices), _complete(connection, notice))
        if paper is not None:
            row = {"notice_id": notice["id"], "sealed": False, "at": notice["published_at"], **paper}
            connection.execute(sa.insert(papers), row)
        change = {"subject": "notice", "subject_id": notice["id"], "tender_id": notice["tender_id"]}
        connection.execute(sa.insert(waiting), {**change, "change": "notice.published"})


def _create_notices() -> sa.Table:
    table = op.create_table(
        "notices_notice",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("regime", sa.String(length=2), nullable=False),
        sa.Column("tender_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("lot_ids", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=6), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("pieces", PIECES, nullable=False),
        sa.Column("supersedes", sa.String(length=64), nullable=True),
        sa.Column("publisher_id", sa.String(length=64), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["supersedes"], ["notices_notice.id"], name="fk_notices_notice_supersedes"),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["identity_organisation.id"], name="fk_notices_notice_publisher_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_notices_notice"),
        sa.UniqueConstraint("supersedes", name="uq_notices_notice_supersedes"),
    )
    op.create_index("ix_notices_notice_tender_id", "notices_notice", ["tender_id"])
    op.create_index("ix_notices_notice_published_at", "notices_notice", ["published_at", "id"])
    for column in ("category", "kind", "region"):
        op.create_index(f"ix_notices_notice_{column}", "notices_notice", [column, "published_at", "id"])
    op.create_index(
        "ix_notices_notice_pieces",
        "notices_notice",
        ["pieces"],
        postgresql_using="gin",
        sqlite_where=sa.text("pieces IS NULL"),  # there is no such index on SQLite, so it stays empty
    )
    return table


def _create_feed() -> sa.Table:
    columns = (
        ("subject", sa.String(length=8)),
        ("subject_id", sa.String(length=64)),
        ("tender_id", sa.String(length=64)),
        ("change", sa.String(length=40)),
    )
    op.create_table(
        "notices_feed",
        sa.Column("seq", BigId, autoincrement=False, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in columns),
        sa.Column("numbered_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_notices_feed"),
    )
    return op.create_table(
        "notices_feed_waiting",
        sa.Column("id", BigId, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in columns),
        sa.PrimaryKeyConstraint("id", name="pk_notices_feed_waiting"),
    )


def _published(connection: sa.Connection) -> Iterator[tuple[Row, Row | None]]:
    """What was public before there were notices: tenders, records, failed lots, candidates, results."""
    lots = _lots(connection)
    for tender in {lot["tender_id"]: lot for lot in reversed(lots.values())}.values():
        if tender["tender_state"] == "published":
            yield _tender(
                connection, tender, [lot for lot in lots.values() if lot["tender_id"] == tender["tender_id"]]
            )
    openings = _rows(connection, "SELECT * FROM opening_opening")
    for opening in openings:
        lot = lots[opening["lot_id"]]
        if opening["state"] == "failed":
            said: Row = {
                "reason": f"投标人为 {opening['eligible_count']} 个，依法不予开标。",
                "next_step": "依法重新招标。",
            }
            yield _notice(lot, "failed", said, at=opening["closed_at"]), None
        elif opening["record_key"] is not None:
            said = {"opened_at": _text(opening["read_out_at"]), "bids": _bids(connection, lot["id"])}
            paper = {"store_key": opening["record_key"], "sha256": opening["record_sha256"], "size": 0}
            yield _notice(lot, "opening", said, at=opening["read_out_at"]), paper
    for paper in _rows(connection, "SELECT * FROM award_paper WHERE kind IN ('candidates', 'result')"):
        yield _award(connection, lots[paper["lot_id"]], paper)


def _tender(connection: sa.Connection, tender: Row, lots: list[Row]) -> tuple[Row, Row | None]:
    content = tender["content"]
    address = f"/tenders/{tender['tender_id']}"
    said = {
        "scope": content["scope"],
        "location": content["location"],
        "funds": content["funds"],
        "lots": [_lot_row(lot) for lot in sorted(lots, key=lambda lot: lot["number"])],
        "qualification": [line for line in content["qualification"].splitlines() if line.strip()],
        "consortium": content["consortium"],
        "documents": f"平台免费下载，无须登记或者报名：{address}",
        "submission": f"加密后通过平台递交：{address}",
        "deposit": "各标段金额见标段表",
        "platform": "本平台",
    }
    query = (
        "SELECT store_key, sha256, size FROM tender_document WHERE kind = 'notice' AND tender_id = :tender"
    )
    papers = _rows(connection, query, tender=tender["tender_id"])
    notice = _notice(tender, "tender", said, at=tender["published_at"])
    return {**notice, "title": tender["title"], "lot_ids": []}, papers[0] if papers else None


def _award(connection: sa.Connection, lot: Row, paper: Row) -> tuple[Row, Row]:
    query = "SELECT * FROM award_candidate WHERE lot_id = :lot ORDER BY position"
    candidates = _rows(connection, query, lot=lot["id"])
    if paper["kind"] == "candidates":
        publicity = _rows(connection, "SELECT * FROM award_publicity WHERE lot_id = :lot", lot=lot["id"])[0]
        said: Row = {
            "candidates": [_candidate(one) for one in candidates],
            "publicity_from": _text(publicity["published_at"]),
            "publicity_until": _text(publicity["ends_at"]),
            "objections": f"通过平台向招标人（{lot['tenderer']}）提出异议；投诉：{lot['regulator']}。",
        }
    else:
        award = _rows(connection, "SELECT * FROM award_award WHERE lot_id = :lot", lot=lot["id"])[0]
        won = next(one for one in candidates if one["bid_id"] == award["bid_id"])
        said = {name: won[name] for name in ("price_fen", "quality", "duration_days", "manager")}
        said |= {"manager_certificate": won["manager_certificate"]}
        said |= {"winner": won["bidder_name"], "winner_uscc": won["uscc"]}
    notice = {**_notice(lot, paper["kind"], said, at=paper["published_at"]), "id": paper["id"]}
    return notice, {name: paper[name] for name in ("store_key", "sha256", "size")}


def _notice(lot: Row, kind: str, said: Row, *, at: datetime | str) -> Row:
    parties = {name: lot[name] for name in ("project", "project_code", "tender_code", "tenderer", "agency")}
    always = {"regulator": lot["regulator"], "contact": lot["content"]["contact"], "media": ["本平台"]}
    return {
        "id": secrets.token_hex(16),
        "kind": kind,
        "regime": "GP" if lot["category"] == "procurement" else "TB",
        "tender_id": lot["tender_id"],
        "round": lot["round"],
        "lot_ids": [lot["id"]],
        "title": f"{lot['title']} · {lot['name']}",
        "category": lot["category"],
        "region": lot["project_code"][1:7],
        "fields": {"lots": [_lot_row(lot)], **parties, **always, **said},
        "supersedes": None,
        "publisher_id": lot["tenderer_id"],
        "published_at": _moment(at),
    }


def _complete(connection: sa.Connection, notice: Row) -> Row:
    """The hash of the content, and the pieces it is found by, as they were made when this was written."""
    named = ("id", "kind", "regime", "tender_id", "round", "lot_ids", "title", "category", "region", "fields")
    content = {name: notice[name] for name in (*named, "supersedes")}
    content["published_at"] = _text(notice["published_at"])
    raw = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    fields = notice["fields"]
    texts = [
        notice["title"],
        *(fields[name] for name in ("project", "project_code", "tender_code", "tenderer")),
    ]
    texts += [fields["agency"], fields.get("winner", ""), fields.get("winner_uscc", "")]
    for name in ("lots", "candidates", "bids"):
        for row in fields.get(name, []):
            texts += [row.get(key) or "" for key in ("code", "name", "bidder", "uscc")]
    kept = sorted({piece for text in texts for piece in _pieces(text)})
    pieces = kept if connection.dialect.name == "postgresql" else f" {' '.join(kept)} "
    return {**notice, "pieces": pieces, "sha256": hashlib.sha256(raw).hexdigest()}


def _pieces(text: str) -> set[str]:
    found: set[str] = set()
    for run in re.findall(r"[0-9a-z]+|[^\W\d_a-z]+", unicodedata.normalize("NFKC", text).lower()):
        whole = run[0].isascii() or len(run) == 1
        found |= {run} if whole else {run[i : i + 2] for i in range(len(run) - 1)}
    return found


def _lots(connection: sa.Connection) -> dict[str, Row]:
    query = """
        SELECT lot.*, tender.title, tender.code AS tender_code, tender.state AS tender_state, tender.content,
               tender.published_at, project.name AS project, project.code AS project_code, project.category,
               project.tenderer_id, tenderer.name AS tenderer, agency.name AS agency, regulator.name AS regulator
        FROM tender_lot lot JOIN tender_tender tender ON tender.id = lot.tender_id
        JOIN project_project project ON project.id = tender.project_id
        JOIN identity_organisation tenderer ON tenderer.id = project.tenderer_id
        JOIN identity_organisation agency ON agency.id = project.agency_id
        JOIN identity_organisation regulator ON regulator.id = project.regulator_id
        ORDER BY lot.number DESC"""
    found = _rows(connection, query)
    return {lot["id"]: {**lot, "content": _json(lot["content"])} for lot in found}


def _bids(connection: sa.Connection, lot_id: str) -> list[Row]:
    query = """SELECT bid.state, bid.summary, org.name, org.uscc FROM opening_bid bid
        JOIN identity_organisation org ON org.id = bid.org_id WHERE bid.lot_id = :lot ORDER BY bid.number"""
    rows = []
    for bid in _rows(connection, query, lot=lot_id):
        said = _json(bid["summary"]) or {}
        shown = {name: said.get(name) for name in ("price_fen", "quality", "duration_days")}
        state = "已解密" if bid["state"] == "opened" else "未解密"
        rows.append({"bidder": bid["name"], "uscc": bid["uscc"], **shown, "state": state})
    return rows


def _lot_row(lot: Row) -> Row:
    shown = {name: lot[name] for name in ("code", "name", "max_price_fen", "deposit_fen")}
    deadline = _text(lot["deadline_at"]) if lot["deadline_at"] else None
    return {**shown, "duration_days": lot["content"]["duration_days"], "deadline_at": deadline}


def _candidate(row: Row) -> Row:
    named = ("rank", "uscc", "price_fen", "quality", "duration_days", "manager", "manager_certificate")
    shown = {name: row[name] for name in named}
    return {**shown, "bidder": row["bidder_name"], "total": f"{row['total'] / 100:.2f}"}


def _rows(connection: sa.Connection, query: str, **values: object) -> list[Row]:
    return [dict(row) for row in connection.execute(sa.text(query), values).mappings()]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(value: datetime | str) -> str:
    return _moment(value).strftime("%Y-%m-%dT%H:%M:%SZ")
