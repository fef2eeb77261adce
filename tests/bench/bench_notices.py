"""The public list of 200,000 notices against the same queries in bare SQL.

Ours is the whole page: the search, the regions to choose from, the frame, 50 lines as HTML; the application runs in
process, on PostgreSQL. The peer is psycopg with the two statements that the search needs, a count and a page. Both
answer the same eight searches in turns: everything, page 40, by category, kind and region, dates, words, code, no hit.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import psycopg
from litestar import Litestar

from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import migrate
from govcore.web import app as web
from tests.bench.postgres import postgresql
from tests.bench.results import Result
from trading.notices.policy import NoticeKind, all_pieces
from trading.notices.queries import FEW

ROWS = 200_000
TURNS = 7

PLACES = ("清河", "东坝", "安澜", "长堤", "西苑", "南湖", "北关", "柳园", "凤凰", "古楼")
WORKS = (
    "河道综合治理",
    "堤防加固",
    "城区道路改造",
    "污水管网",
    "中学教学楼",
    "医院门诊楼",
    "闸门采购",
    "桥梁检测",
)
CATEGORIES = ("building", "municipal", "water", "transport", "procurement")

_FILL = """
INSERT INTO notices_notice (id, kind, regime, tender_id, round, lot_ids, title, category, region, fields, pieces,
                            published_at, sha256)
SELECT md5(n::text), kinds.kind, 'TB', 'tender-' || n / 5, 1, '[]', titles.title || ' · 第' || n %% 9 || '标段',
       (%(categories)s::text[])[1 + n %% 5], '3715' || lpad((n %% 8)::text, 2, '0'), '{}',
       titles.pieces || ('e371500' || lpad(n::text, 10, '0')),
       TIMESTAMPTZ '2020-01-01' + n * INTERVAL '15 minutes', repeat('0', 64)
FROM generate_series(1, %(rows)s) n
JOIN titles ON titles.id = n %% %(titles)s
JOIN unnest(%(kinds)s::text[]) WITH ORDINALITY kinds (kind, place) ON kinds.place = 1 + n %% %(kind_count)s
"""
_LINE = "id, title, kind, category, region, tender_id, published_at, sha256"
_START, _END = "2024-01-01", "2024-06-30"

SEARCHES: tuple[tuple[str, str], ...] = (
    ("", "true"),
    ("page=40", "true"),
    ("category=water", "category = 'water'"),
    ("kind=tender&region=371503", "kind = 'tender' AND region = '371503'"),
    (
        f"start={_START}&end={_END}",
        f"published_at >= '{_START} 00:00+08' AND published_at < '2024-07-01 00:00+08'",
    ),
    ("words=" + quote("东坝堤防加固"), "pieces @> ARRAY['东坝','坝堤','堤防','防加','加固']"),
    ("words=e3715000000123456", "pieces @> ARRAY['e3715000000123456']"),
    ("words=" + quote("黄河大桥"), "pieces @> ARRAY['黄河','河大','大桥']"),
)
"""The address of each search, and its condition in SQL."""


def measure() -> list[Result]:
    """The list's page and the bare queries behind it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-notices-")))
        url = stack.enter_context(postgresql())
        settings = Settings.from_environ(
            {"TRADING_DATA": str(folder / "data"), "TRADING_DATABASE_URL": url, "TRADING_DEMO": "1"}
        )
        migrate(settings)
        platform = Platform.open(settings)
        stack.callback(platform.db.dispose)
        bare = stack.enter_context(psycopg.connect(url, autocommit=True))
        _fill(bare)
        ours, peer = asyncio.run(_in_turns(web.create_app(platform), bare))
    worst = max(median(a) / median(b) for a, b in zip(ours, peer, strict=True) if median(b) > 0.005)
    return [
        Result(
            name=f"list of {ROWS:,} notices, eight searches, against the same queries in bare SQL",
            unit="ms",
            ours=sum(map(median, ours)) * 1000,
            peer=sum(map(median, peer)) * 1000,
            most=3.0,
            note=f"the worst of those that take more than 5 ms: {worst:.1f}x",
        )
    ]


def _fill(bare: psycopg.Connection[Any]) -> None:
    titles = [
        f"{place}{work}工程（{year}年）" for place in PLACES for work in WORKS for year in range(2001, 2026)
    ]
    bare.execute("CREATE TEMP TABLE titles (id int PRIMARY KEY, title text, pieces text[])")
    with bare.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO titles VALUES (%s, %s, %s)",
            [(n, title, sorted(all_pieces([title]))) for n, title in enumerate(titles)],
        )
    kinds = [str(kind) for kind in NoticeKind]
    bare.execute(
        _FILL,
        {
            "rows": ROWS,
            "titles": len(titles),
            "categories": list(CATEGORIES),
            "kinds": kinds,
            "kind_count": len(kinds),
        },
    )
    bare.execute("VACUUM ANALYZE notices_notice")


async def _in_turns(
    app: Litestar, bare: psycopg.Connection[Any]
) -> tuple[list[list[float]], list[list[float]]]:
    ours: list[list[float]] = [[] for _ in SEARCHES]
    peer: list[list[float]] = [[] for _ in SEARCHES]
    for turn in range(TURNS + 1):
        for number, (address, condition) in enumerate(SEARCHES):
            began = time.perf_counter()
            total = _ask(bare, condition, page=40 if address == "page=40" else 1)
            between = time.perf_counter()
            html = await _page(app, address)
            ended = time.perf_counter()
            assert f">共 {total} 条" in html or f"{total} 条" in html, (address, total)
            if turn:  # the first one warms both up
                peer[number].append(between - began)
                ours[number].append(ended - between)
    return ours, peer


def _ask(bare: psycopg.Connection[Any], condition: str, *, page: int) -> int:
    counted = bare.execute(f"SELECT count(*) FROM notices_notice WHERE {condition}").fetchone()
    assert counted is not None
    total: int = counted[0]
    found = f"SELECT {_LINE} FROM notices_notice WHERE {condition}"
    if "pieces" in condition and total <= FEW:
        found = f"WITH found AS MATERIALIZED ({found}) SELECT * FROM found"
    if total:
        order = f" ORDER BY published_at DESC, id DESC LIMIT 50 OFFSET {(page - 1) * 50}"
        bare.execute(found + order).fetchall()
    return total


async def _page(app: Litestar, query: str) -> str:
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/notices",
        "raw_path": b"/notices",
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"site.example"), (b"accept", b"text/html")],
        "client": ("127.0.0.1", 1),
        "server": ("site.example", 80),
        "extensions": {},
        "state": {},
    }
    await app(scope, receive, send)
    assert said[0]["status"] == 200, said[0]
    return b"".join(one.get("body", b"") for one in said[1:]).decode()


if __name__ == "__main__":
    for result in measure():
        print(result, result.ratio)
