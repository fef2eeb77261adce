"""What a verifier knows from elsewhere than the log it checks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from govcore.audit.note import TreeHead, VerifierKey, parse_head, parse_note, parse_vkey
from govcore.audit.tlog_policy import Policy

_MEMBERS = {"origin", "vkey", "checkpoint", "receipts", "witnesses"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Pinned keys, a kept checkpoint, kept receipts; everything left out is not compared."""

    origin: str | None = None
    vkey: VerifierKey | None = None
    checkpoint: TreeHead | None = None
    receipts: tuple[bytes, ...] = ()
    witnesses: tuple[VerifierKey, ...] = ()
    policy: Policy | None = None

    @classmethod
    def load(cls, path: Path | None, policy: Path | None = None) -> Trust:
        """Read JSON with any of `origin`, `vkey`, `checkpoint` (the note), `receipts` (leaf hashes in hex),
        `witnesses` (verifier keys), and a tlog-policy file; raises `ValueError`."""
        raw = json.loads(path.read_text(encoding="utf-8")) if path else {}
        if not isinstance(raw, dict):
            raise ValueError("the trust file is not a JSON object")
        if unknown := sorted(set(raw) - _MEMBERS):
            raise ValueError(f"the trust file has the unknown member {unknown[0]}")
        note = raw.get("checkpoint")
        return cls(
            origin=raw.get("origin"),
            vkey=parse_vkey(raw["vkey"]) if "vkey" in raw else None,
            checkpoint=parse_head(parse_note(note).text) if note else None,
            receipts=tuple(bytes.fromhex(leaf) for leaf in raw.get("receipts", ())),
            witnesses=tuple(parse_vkey(key) for key in raw.get("witnesses", ())),
            policy=Policy.parse(policy.read_text(encoding="utf-8")) if policy else None,
        )

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of which one must have signed; none when the log's own word has to do."""
        if self.vkey is not None:
            return (self.vkey,)
        return self.policy.logs if self.policy else ()

    @property
    def names_witnesses(self) -> bool:
        return bool(self.witnesses) or (self.policy is not None and self.policy.needs_witnesses)
