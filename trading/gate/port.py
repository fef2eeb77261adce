"""The platform's side of the gate: one port, behind it a process of somebody else, or the same code in this one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bidding_docs import age
from bidding_docs.codes import CODES, PolicyRefused
from bidding_docs.suites import SuiteId
from govcore import clock, dsse
from govcore.audit import queries as audit
from govcore.audit.note import VerifierKey
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.errors import Problem
from govcore.keys import KeyWrapper
from govcore.platform import Platform
from trading.gate import schemas
from trading.gate.following import LogRefused
from trading.gate.schemas import ANSWER_TYPE, REQUEST_TYPE, Answer, Evidence, Request, Scope
from trading.gate.service import Gate, Trust, make_keys
from trading.gate.sources import cosigners

_TIMEOUT = 30.0
_REFUSALS: dict[str, type[Problem]] = {**CODES, LogRefused.code: LogRefused}


class GateSilent(Problem):
    """The gate is not there, or what answers in its place is not the gate."""

    code = "E_GATE_SILENT"
    status = 503
    text = "The time gate does not answer; the opening goes on as soon as it does."


class GatePort(Protocol):
    """What the platform asks of a gate; every refusal is a `Problem` with its code."""

    @property
    def public_bytes(self) -> bytes:
        """The Ed25519 key that signs its releases."""
        ...

    def now(self) -> datetime: ...

    def make_keys(self, scope: Scope, stages: Sequence[str], *, suite: SuiteId) -> dict[str, str]: ...

    def release(self, scope: Scope, opens: str, evidence: Evidence) -> bytes: ...

    def advice_identity(self, scope: Scope) -> bytes: ...

    def destroyed_at(self, scope: Scope, opens: str) -> datetime | None: ...


def gate_of(platform: Platform, kind: str) -> GatePort:
    """The gate of a lot whose key manifest says `remote`, or the one in this process."""
    return RemoteGate.of(platform) if kind == "remote" else LocalGate(platform)


@dataclass(frozen=True, slots=True)
class LogOfThisDatabase:
    """The log as the local gate reads it."""

    tx: Tx

    def checkpoint(self) -> str | None:
        published = audit.published_checkpoint(self.tx)
        return published.note if published else None

    def tile(self, path: str) -> bytes:
        return audit.tile_bytes(self.tx, path)


@dataclass(frozen=True, slots=True)
class LocalGate:
    """The gate in the platform's own process: for rule sets that may do without a separate one."""

    platform: Platform

    @property
    def public_bytes(self) -> bytes:
        return self.platform.keys.gate_signer.public_bytes

    def now(self) -> datetime:
        with self.platform.db.read() as tx:
            return clock.now(tx)

    def make_keys(self, scope: Scope, stages: Sequence[str], *, suite: SuiteId) -> dict[str, str]:
        with self.platform.db.transaction() as tx:
            return make_local_keys(tx, self.platform.wrapper, scope, stages, suite=suite, at=clock.now(tx))

    def release(self, scope: Scope, opens: str, evidence: Evidence) -> bytes:
        with self._gate() as gate:
            return gate.release(scope, opens, evidence, at=clock.now(gate.tx))

    def advice_identity(self, scope: Scope) -> bytes:
        with self._gate() as gate:
            return gate.advice_identity(scope)

    def destroyed_at(self, scope: Scope, opens: str) -> datetime | None:
        with self._gate() as gate:
            return gate.destroyed_at(scope, opens, at=clock.now(gate.tx))

    @contextmanager
    def _gate(self) -> Iterator[Gate]:
        """This process trusts its own log and CA; what it keeps of a key ends with the reading out."""
        with self.platform.db.transaction() as tx:
            yield Gate(
                tx=tx,
                source=LogOfThisDatabase(tx),
                trust=Trust(
                    log=own_log(tx),
                    authority=x509.load_der_x509_certificate(certificates.authority_der(tx)),
                    witnesses=cosigners(self.platform.settings.witnesses),
                ),
                wrapper=self.platform.wrapper,
                signer=self.platform.keys.gate_signer,
                keep=timedelta(0),
            )


def make_local_keys(
    tx: Tx, wrapper: KeyWrapper, scope: Scope, stages: Sequence[str], *, suite: SuiteId, at: datetime
) -> dict[str, str]:
    """The keys of the gate in this process, made in the caller's transaction."""
    return make_keys(tx, wrapper, LogOfThisDatabase(tx), scope, stages, suite=suite, log=own_log(tx), at=at)


def own_log(tx: Tx) -> VerifierKey:
    return VerifierKey(tx.info["settings"].log_origin, audit.log_key(tx))


class RemoteGate:
    """The gate in a process of its own, asked by signed messages and believed only with its pinned key."""

    def __init__(self, url: str, *, key: bytes, signer: dsse.Signer, at: Callable[[], datetime]) -> None:
        self._url = url.rstrip("/")
        self.public_bytes = key
        self._signer = signer
        self._at = at

    @classmethod
    def of(cls, platform: Platform) -> RemoteGate:
        """Raise E_POLICY when no gate is set."""
        settings = platform.settings

        def at() -> datetime:
            with platform.db.read() as tx:
                return clock.now(tx)

        if settings.gate_url is None or settings.gate_key is None:
            raise PolicyRefused(detail="there is no time gate")
        return cls(settings.gate_url, key=settings.gate_key, signer=platform.keys.gate_signer, at=at)

    def now(self) -> datetime:
        return self._ask(schemas.AskTime(**self._stamp())).at

    def make_keys(self, scope: Scope, stages: Sequence[str], *, suite: SuiteId) -> dict[str, str]:
        asked = schemas.MakeKeys(scope=scope, suite=suite, stages=list(stages), **self._stamp())
        return self._ask(asked).recipients

    def release(self, scope: Scope, opens: str, evidence: Evidence) -> bytes:
        answer = self._ask(schemas.ReleaseKeys(scope=scope, opens=opens, evidence=evidence, **self._stamp()))
        if answer.document is None:
            raise GateSilent
        return answer.document.encode()

    def advice_identity(self, scope: Scope) -> bytes:
        """It travels sealed to a key of this one request."""
        secret, recipient = age.generate()
        answer = self._ask(schemas.OpenAdvices(scope=scope, recipient=recipient, **self._stamp()))
        if answer.sealed is None:
            raise GateSilent
        return age.decrypt_bytes(answer.sealed, [secret])

    def destroyed_at(self, scope: Scope, opens: str) -> datetime | None:
        return self._ask(schemas.AskDestroyed(scope=scope, opens=opens, **self._stamp())).destroyed_at

    def _stamp(self) -> dict[str, Any]:
        return {"request_id": secrets.token_hex(32), "at": self._at()}

    def _ask(self, request: Request) -> Answer:
        raw = dsse.sign(REQUEST_TYPE, msgspec.json.encode(request), [self._signer]).encode()
        try:
            response = httpx.post(f"{self._url}/gate", content=raw, timeout=_TIMEOUT)
            payload = dsse.verify(dsse.Envelope.decode(response.content), ANSWER_TYPE, self._keys())
            answer = msgspec.json.decode(payload, type=Answer)
        except (httpx.TransportError, dsse.BadEnvelope, dsse.BadSignature, msgspec.MsgspecError) as error:
            raise GateSilent from error
        if answer.request_id != request.request_id:
            raise GateSilent
        if answer.code is not None:
            raise _refusal(answer)
        return answer

    def _keys(self) -> dict[str, dsse.PublicKey]:
        return {
            hashlib.sha256(self.public_bytes).hexdigest(): Ed25519PublicKey.from_public_bytes(
                self.public_bytes
            )
        }


def _refusal(answer: Answer) -> Problem:
    kind = _REFUSALS.get(answer.code or "")
    return kind(**answer.data) if kind else GateSilent()
