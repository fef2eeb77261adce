"""What the gate fetches for itself: the platform's log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from govcore.audit.cosigning import WitnessProblem, ask
from govcore.audit.note import VerifierKey
from govcore.audit.tlog_policy import Witness
from govcore.errors import Detail
from trading.gate.following import LogRefused
from trading.gate.service import Cosign

_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class ServedLog:
    """A log as tlog-tiles at an address."""

    url: str
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=_TIMEOUT), repr=False)

    def checkpoint(self) -> str | None:
        response = self._get("checkpoint")
        return None if response.status_code == httpx.codes.NOT_FOUND else self._body(response).decode()

    def tile(self, path: str) -> bytes:
        return self._body(self._get(path))

    def _get(self, path: str) -> httpx.Response:
        try:
            return self._http.get(f"{self.url}/log/{path}")
        except httpx.TransportError as error:
            raise LogRefused(detail="it does not answer") from error

    def _body(self, response: httpx.Response) -> bytes:
        if response.is_error:
            raise LogRefused(detail=Detail("it answers {status}", status=response.status_code))
        return response.content


def cosigners(witnesses: Sequence[Witness]) -> dict[VerifierKey, Cosign]:
    """For each required witness the way to have it cosign now: its signature tells what time it is there."""
    return {one.vkey: _cosigner(one) for one in witnesses if one.required}


def _cosigner(witness: Witness) -> Cosign:
    def cosign(note: str, size: int) -> datetime:
        try:
            cosignature = ask(witness, note, old=size, path=())
        except WitnessProblem as problem:
            detail = Detail(
                "{witness} did not cosign: {problem}", witness=witness.vkey.name, problem=str(problem)
            )
            raise LogRefused(detail=detail) from problem
        return datetime.fromtimestamp(cosignature.seconds, UTC)

    return cosign
