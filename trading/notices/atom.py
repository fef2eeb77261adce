"""The list of notices as an Atom feed (RFC 4287), in pages (RFC 5005)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from govcore.i18n import Translate
from trading.notices.queries import NoticeLine
from trading.notices.searching import Search
from trading.project.policy import CATEGORY_NAMES, Category

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
PATH = "/notices.atom"
_XMLNS = "http://www.w3.org/2005/Atom"


def atom(
    lines: Sequence[NoticeLine],
    found: Search,
    *,
    site: str,
    title: str,
    pages: int,
    now: datetime,
    _: Translate,
) -> bytes:
    """One page of the feed; `site` is the address that everything in it begins with."""
    feed = Element("feed", xmlns=_XMLNS)
    feed.set("xml:lang", "zh-CN")
    SubElement(feed, "id").text = site + found.address(PATH)
    SubElement(feed, "title").text = title
    SubElement(feed, "updated").text = _time(lines[0].at if lines else now)
    SubElement(SubElement(feed, "author"), "name").text = title
    _link(feed, "self", site + found.page_address(PATH, found.page), "application/atom+xml")
    _link(feed, "alternate", site + found.address("/notices"), "text/html")
    _link(feed, "first", site + found.address(PATH))
    if found.page < pages:
        _link(feed, "next", site + found.page_address(PATH, found.page + 1))
    if found.page > 1:
        _link(feed, "previous", site + found.page_address(PATH, found.page - 1))
    for line in lines:
        _entry(feed, line, site=site, _=_)
    body: bytes = tostring(feed, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _entry(feed: Element, line: NoticeLine, *, site: str, _: Translate) -> None:
    entry = SubElement(feed, "entry")
    SubElement(entry, "id").text = f"tag:{urlsplit(site).hostname},2026:notices/{line.id}"
    SubElement(entry, "title").text = _printable(line.title)
    SubElement(entry, "published").text = _time(line.at)
    SubElement(entry, "updated").text = _time(line.at)
    _link(entry, "alternate", site + line.href, "text/html")
    _link(entry, "related", f"{site}/tenders/{line.tender_id}", "text/html")
    SubElement(entry, "category", term=line.kind, label=_(line.word))
    SubElement(entry, "category", term=line.category, label=_(CATEGORY_NAMES[Category(line.category)]))
    summary = f"{_(line.word)} · {_(CATEGORY_NAMES[Category(line.category)])} · SHA-256 {line.sha256}"
    SubElement(entry, "summary").text = summary


def _link(parent: Element, rel: str, href: str, kind: str = "") -> None:
    link = SubElement(parent, "link", rel=rel, href=href)
    if kind:
        link.set("type", kind)


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _printable(text: str) -> str:
    """XML knows no control characters."""
    return "".join(letter if letter >= " " else "�" for letter in text)
