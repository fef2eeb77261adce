"""Addresses of this site to go on to."""

from __future__ import annotations

from urllib.parse import urlsplit

from govcore.web.rendering import AnyRequest

LONGEST = 2048
"""Characters of an address that is handed on; what is longer no page of ours has."""


def own_path(path: str) -> str:
    """Only a path of this site: an address of another one would make us an open redirect."""
    plain = len(path) <= LONGEST and not any(ord(letter) < 0x21 or letter == "\\" for letter in path)
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


def page_of(request: AnyRequest) -> str:
    """The page that a request was made on: its own address, or the one of the form that was sent."""
    if request.method == "GET":
        return own_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
    form = urlsplit(request.headers.get("referer", ""))
    return own_path(form.path + (f"?{form.query}" if form.query else ""))
