"""The programs that pages load: what they were built from is recorded beside each, and browsers check their hash."""

from __future__ import annotations

import base64
from pathlib import Path

import msgspec

APP = Path(__file__).parent / "static" / "app"


class Bundle(msgspec.Struct, frozen=True):
    """One built file; `url` changes with its content, so no cache serves an older one."""

    file: str
    sha256: str

    @property
    def url(self) -> str:
        return f"/static/app/{self.file}?v={self.sha256[:16]}"

    @property
    def integrity(self) -> str:
        """The hash as `<script integrity>` wants it."""
        return "sha256-" + base64.b64encode(bytes.fromhex(self.sha256)).decode()


BUNDLES: dict[str, Bundle] = {
    record.file: record
    for record in (msgspec.json.decode(path.read_bytes(), type=Bundle) for path in APP.glob("*.js.json"))
}
