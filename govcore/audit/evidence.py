"""Entries of the log to take away: each with its event, its nonce and its proof, and what is needed to check them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import msgspec

from govcore.audit import queries, search_queries
from govcore.audit.note import parse_vkey
from govcore.audit.schemas import EventOut
from govcore.audit.search_queries import Found, Search
from govcore.audit.tlog_policy import policy_text
from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.sheets import Value, xlsx

MOST = 2000
"""Entries of one archive; more are asked for in parts, by time."""

Words = Callable[[str], str]
"""What a kind of event is called."""

README = """这些条目取自透明日志。请把 policy 与另行取得的版本比对，再逐条核验：
    trading audit verify proofs/entry-N.tlog-proof --policy policy
list.xlsx 是便于阅读的清单；events.jsonl 是原文与随机数；proofs/ 是每一条的包含证明。

These entries were taken from the transparency log. Compare `policy` with one from another place, then check each entry:
    trading audit verify proofs/entry-N.tlog-proof --policy policy
list.xlsx is for reading; events.jsonl holds the exact events with their nonces; proofs/ one inclusion proof for each.
"""


class TooManyEntries(Problem):
    code = "E_LIMIT"
    status = 422
    text = "More than {most} entries fit. Narrow the search, for instance by time."


def write(
    tx: Tx, wanted: Search, *, actor: Actor, vkey: str, at: datetime, words: Words
) -> tuple[bytes, int]:
    """A ZIP of the entries that fit, and how many they are; `TooManyEntries` above `MOST`."""
    found = search_queries.search(tx, wanted, actor=actor, limit=MOST + 1)[::-1]
    if len(found) > MOST:
        raise TooManyEntries(most=MOST)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in _files(tx, found, vkey=vkey, words=words):
            archive.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), body, zipfile.ZIP_DEFLATED)
    return written.getvalue(), len(found)


def _files(tx: Tx, found: Sequence[Found], *, vkey: str, words: Words) -> Iterator[tuple[str, bytes | str]]:
    yield "README.txt", README
    yield "policy", policy_text(parse_vkey(vkey), queries.witnesses(tx))
    if (head := queries.published_checkpoint(tx)) is not None:
        yield "checkpoint", head.note
    yield "events.jsonl", "".join(f"{msgspec.json.encode(EventOut.of(one)).decode()}\n" for one in found)
    yield "list.xlsx", xlsx("log", COLUMNS, [_row(one, words) for one in found])
    for one in found:
        proof = queries.inclusion_proof(tx, one.leaf, with_preimage=True)
        yield f"proofs/entry-{one.index}.tlog-proof", proof


COLUMNS = (
    "序号 Index",
    "时间 Time",
    "事项 Event",
    "人员 Person",
    "单位 Organisation",
    "对象 Object",
    "内容 Data",
)


def _row(one: Found, words: Words) -> list[Value]:
    data = json.dumps(one.data, ensure_ascii=False)
    return [one.index, one.at, words(one.type), one.name or one.actor, one.organisation, one.subject, data]
