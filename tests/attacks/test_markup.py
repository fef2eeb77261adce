"""No page takes what people wrote for markup or for a template (ASVS 1.2.1, 1.3.1, 3.2.2).

Every text that a table holds for free words, also inside its JSON, is replaced by a script and a template's
expression: worse than any form lets through. Then the pages are read as a browser would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from asking import Site
from routes import Asked, asked_of
from rows import MARKUP
from scene_city import PEOPLE
from sqlalchemy import JSON, Column, String, Table, select, text, update

from govcore.db import Base, Tx

RENDERED = "49&lt;img"
EXACT = {"log_event", "log_outbox", "outbox_delivery", "log_checkpoint", "log_witness", "log_tile"}
"""Tables whose texts are signed or hashed, or name tasks: what people wrote stands in the rows of its subject."""

NAMES = {"password_hash", "href", "scopes", "recipients", "signatures", "recipient"}
READERS = (
    "",
    "tenderer",
    "centre",
    "bidder-1",
    "expert-1",
    "regulator",
    "auditor",
    "agency",
    "system_admin",
    "security_admin",
    "assessor",
)


def words(table: Table) -> Iterator[Column[Any]]:
    """The columns of a table that hold what people wrote: texts of any length."""
    for column in table.columns:
        free = isinstance(column.type, String) and column.type.length is None
        name = column.primary_key or column.foreign_keys or column.name in NAMES
        if free and not name:
            yield column


def poison(tx: Tx) -> int:
    """Put the payload everywhere; how many columns took it."""
    taken = 0
    for (trigger,) in tx.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        tx.execute(text(f"DROP TRIGGER {trigger}"))  # the hall's events are only ever added to
    for table in Base.metadata.sorted_tables:
        if table.name in EXACT:
            continue
        for column in words(table):
            written = update(table).where(column.is_not(None)).values({column: MARKUP})
            taken += bool(tx.connection().execute(written).rowcount)
        for column in (one for one in table.columns if isinstance(one.type, JSON)):
            keys = list(table.primary_key.columns)
            for *row, held in tx.execute(select(*keys, column)).all():
                this = [key == value for key, value in zip(keys, row, strict=True)]
                tx.execute(update(table).where(*this).values({column: poisoned(held)}))
    return taken


def poisoned(held: Any) -> Any:
    """The same JSON with the payload for every text that has a word of Chinese in it; the others are codes."""
    if isinstance(held, dict):
        return {name: poisoned(value) for name, value in held.items()}
    if isinstance(held, list):
        return [poisoned(value) for value in held]
    return MARKUP if isinstance(held, str) and re.search(r"[\u4e00-\u9fff]", held) else held


class Page(HTMLParser):
    """What a browser would run of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.active: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        own = str(given.get("src", "")).startswith("/static/")
        handlers = [name for name in given if name.startswith("on")]
        scripted = [
            v for v in given.values() if v and re.match(r"\s*(javascript|data:text)", v, re.IGNORECASE)
        ]
        if (tag == "script" and not own) or handlers or scripted or given.get("src") == "x":
            self.active.append(self.get_starttag_text() or tag)


UNREADABLE = {"/claims/{claim_id}", "/claims/{claim_id}/licence", "/delegations"}
"""Pages of rows whose words only their own service wraps: they are not read here."""


def readers(site: Site, asked: Asked) -> list[str]:
    """Who may read a page, and the first of those who are turned away at its door: the others see the same refusal."""
    if asked.permission == "public":
        return list(READERS)
    registry = site.scene.platform.registry
    held = {
        one: registry.permissions_of(frozenset(PEOPLE[one][1] if one in PEOPLE else (one,)))
        for one in READERS[1:]
    }
    may = [one for one, permissions in held.items() if asked.permission in permissions]
    return ["", *may, *[one for one in held if one not in may][:1]]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_no_page_runs_or_renders_what_people_wrote(site: Site) -> None:
    with site.scene.platform.db.transaction() as tx:
        columns = poison(tx)
    site.tokens |= site.scene.city.tokens
    site.ids["lang"] = "en"
    faults, escaped = [], set()
    for asked in asked_of(site.scene.http.app):
        if not asked.safe or asked.path.startswith(("/api", "/log/", "/sign-in/with")):
            continue
        for reader in readers(site, asked):
            answer = site.ask(asked, reader)
            if answer.status_code >= 500 and asked.path not in UNREADABLE:
                faults.append(f"{asked} for {reader}: broken")
            if answer.headers.get("content-type", "").startswith("text/html"):
                faults += [f"{asked} for {reader}: {tag}" for tag in Page(answer.text).active]
                faults += [f"{asked} for {reader}: a template"] if RENDERED in answer.text else []
                escaped |= {asked.path} if "&lt;script&gt;alert(1)" in answer.text else set()

    assert faults == []
    assert columns > 20
    assert len(escaped) > 60
