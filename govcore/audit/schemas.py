"""What the log looks like in JSON; the export writes the same lines."""

from __future__ import annotations

import msgspec

from govcore.audit.queries import LoggedEvent
from govcore.audit.search_queries import Found


class EventOut(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A leaf with its preimage: `event` is the exact text that was logged, `nonce` hex, none when public."""

    index: int
    leaf: str
    event: str | None = None
    nonce: str | None = None
    erased: bool = False
    withheld: bool = False

    @classmethod
    def of(cls, logged: LoggedEvent | Found) -> EventOut:
        if isinstance(logged, LoggedEvent) and logged.withheld:
            return cls(logged.index, logged.leaf.hex(), withheld=True)
        if logged.event is None:
            return cls(logged.index, logged.leaf.hex(), erased=True)
        nonce = None if logged.nonce is None else logged.nonce.hex()
        # Logged bytes are UTF-8; altered ones must reach the verifier too, which then names the entry.
        return cls(logged.index, logged.leaf.hex(), logged.event.decode(errors="replace"), nonce)


class SearchForm(msgspec.Struct, omit_defaults=True):
    """What the form holds; `request_id` and `session` are numbers, `since` and `until` days in Beijing, included."""

    person: str = ""
    organisation: str = ""
    subject: str = ""
    event: str = ""
    request_id: str = ""
    session: str = ""
    since: str = ""
    until: str = ""
