"""What the gate does: make keys, release them once, destroy them. The same here and in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from sqlalchemy import select

from bidding_docs import dsse, suites
from bidding_docs import manifests as m
from bidding_docs.codes import GateKey, GateTime
from bidding_docs.encoding import format_time
from govcore.audit.note import TreeHead, VerifierKey
from govcore.db import Tx
from govcore.keys import KeyWrapper
from trading.gate.following import LogRefused, LogSource, follow, is_part_of, record_of
from trading.gate.judging import case_of, judge
from trading.gate.models import GateScope
from trading.gate.policy import WITNESS_TOLERANCE, forget_after
from trading.gate.record import Closing, Record
from trading.gate.schemas import Evidence, Scope

Cosign = Callable[[str, int], datetime]
"""`cosign(note, size)`: when a witness cosigned this checkpoint, asked for now; E_GATE_LOG without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the gate pins: the log's key, its witnesses with the way to each, and the registration CA."""

    log: VerifierKey
    authority: x509.Certificate
    witnesses: dict[VerifierKey, Cosign] = field(default_factory=dict)


def make_keys(
    tx: Tx,
    wrapper: KeyWrapper,
    source: LogSource,
    scope: Scope,
    stages: Sequence[str],
    *,
    suite: suites.SuiteId,
    log: VerifierKey,
    at: datetime,
) -> dict[str, str]:
    """The recipient of every stage, and of the banks' advices; asked again, the same ones.

    From here on the gate reads all that the log says of the lot.
    """
    follow(tx, source, key=log, witnesses=())
    recipients = {}
    for opens in (*stages, m.ADVICE):
        row = tx.get(GateScope, (scope.lot_id, scope.round, opens))
        if row is None:
            row = _new(wrapper, scope, opens, suites.get(suite), at=at)
            tx.add(row)
        elif row.tender_id != scope.tender_id:
            raise GateKey(part=opens)
        recipients[opens] = row.recipient
    tx.flush()
    return recipients


def _new(wrapper: KeyWrapper, scope: Scope, opens: str, suite: suites.Suite, *, at: datetime) -> GateScope:
    secret, recipient = suite.generate()
    return GateScope(
        tender_id=scope.tender_id,
        lot_id=scope.lot_id,
        round=scope.round,
        opens=opens,
        recipient=recipient,
        wrapped=wrapper.wrap("gate", scope.context(opens), secret),
        made_at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The gate's means in one transaction; `keep` is how long after an opening a key is kept."""

    tx: Tx
    source: LogSource
    trust: Trust
    wrapper: KeyWrapper
    signer: dsse.Signer
    keep: timedelta

    def release(self, scope: Scope, opens: str, evidence: Evidence, *, at: datetime) -> bytes:
        """The signed `gate-release` of a stage, once; asked again for the same closing, the same bytes."""
        row = self._locked(scope, opens)
        head, note = follow(self.tx, self.source, key=self.trust.log, witnesses=self.trust.witnesses)
        record = record_of(self.tx, self.trust.log.name, scope.lot_id)
        if row.released is not None:
            record.closing(scope)  # a second closing forbids even the repetition
            return self.wrapper.unwrap("gate-release", scope.context(opens), row.released)
        if row.wrapped is None:
            raise GateKey(part=opens)
        case = case_of(scope, opens, evidence, record, authority=self.trust.authority)
        self._check_log(case.closing, case.manifest.document, head, note, at=at)
        identity = self.wrapper.unwrap("gate", scope.context(opens), row.wrapped)
        body = judge(case, authority=self.trust.authority, identity=identity, now=at)
        raw = dsse.sign_document(body, [self.signer])
        row.released = self.wrapper.wrap("gate-release", scope.context(opens), raw)
        row.released_at = at
        return raw

    def advice_identity(self, scope: Scope) -> bytes:
        """The key of the banks' advices, from the closing on: who paid a deposit tells who bids.

        A lot that was given up before its closing gives it too: the deposits have to go back.
        """
        row = self._locked(scope, m.ADVICE)
        follow(self.tx, self.source, key=self.trust.log, witnesses=self.trust.witnesses)
        record = record_of(self.tx, self.trust.log.name, scope.lot_id)
        if not record.given_up():
            record.closing(scope)
        if row.wrapped is None:
            raise GateKey(part=m.ADVICE)
        return self.wrapper.unwrap("gate", scope.context(m.ADVICE), row.wrapped)

    def destroyed_at(self, scope: Scope, opens: str, *, at: datetime) -> datetime | None:
        """Destroy a stage's key when the log shows that it had its use; since when it is gone."""
        row = self._locked(scope, opens)
        if row.destroyed_at is None:
            follow(self.tx, self.source, key=self.trust.log, witnesses=self.trust.witnesses)
            if self._is_done(record_of(self.tx, self.trust.log.name, scope.lot_id), opens, at=at):
                row.wrapped, row.destroyed_at = None, at
        return row.destroyed_at

    def _is_done(self, record: Record, opens: str, *, at: datetime) -> bool:
        done = record.done_at(opens)
        return done is not None and at >= forget_after(done[0], keep=self.keep, failed=done[1])

    def _check_log(
        self, closing: Closing, manifest: m.KeyManifest, head: TreeHead, note: str | None, *, at: datetime
    ) -> None:
        """The closing's checkpoint belongs to the log that the manifest names, and the witnesses see it now."""
        data = closing.data
        if manifest.log.vkey != str(self.trust.log):
            raise LogRefused(detail="the key manifest names another log")
        if not data.cp_size <= closing.index or not is_part_of(
            self.source, head, size=data.cp_size, root=bytes.fromhex(data.cp_root)
        ):
            raise LogRefused(detail="the closing names a checkpoint that the log never had")
        known = {str(key): cosign for key, cosign in self.trust.witnesses.items()}
        for witness in manifest.witnesses:
            if not witness.required:
                continue
            if witness.vkey not in known or note is None:
                raise LogRefused(detail="the key manifest names a witness that is not pinned here")
            seen_at = known[witness.vkey](note, head.size)
            if abs(seen_at - at) > WITNESS_TOLERANCE:
                raise GateTime(opening_at=format_time(at))

    def _locked(self, scope: Scope, opens: str) -> GateScope:
        key = (GateScope.lot_id == scope.lot_id, GateScope.round == scope.round, GateScope.opens == opens)
        row = self.tx.scalar(select(GateScope).where(*key).with_for_update())
        if row is None or row.tender_id != scope.tender_id:
            raise GateKey(part=opens)
        return row
