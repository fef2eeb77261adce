"""A scene whose time gate and witness run apart, on loopback, with clocks of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import servers
import witnesses as w
from apps import app_for
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from litestar.testing import TestClient
from scene import Scene, build
from scene_city import Published

from govcore import clock
from govcore.audit.note import VerifierKey
from govcore.audit.tlog_policy import Witness
from govcore.certificates import queries as certificates
from govcore.platform import Platform
from trading.gate import folder
from trading.gate.port import RemoteGate
from trading.gate.schemas import Evidence, Scope
from trading.gate.server import Server, Service
from trading.gate.sources import ServedLog, cosigners
from trading.opening.gate import evidence_for
from trading.tender.schemas import TenderContent

OPERATOR = "11371500MA00000077"


@dataclass
class Clock:
    """The legal time, until somebody moves this clock away from it, or stops it."""

    platform: Platform
    ahead: timedelta = timedelta(0)
    stopped_at: datetime | None = None

    def __call__(self) -> datetime:
        if self.stopped_at is not None:
            return self.stopped_at
        with self.platform.db.read() as tx:
            return clock.now(tx) + self.ahead

    def timestamp(self) -> float:
        return self().timestamp()


@dataclass
class Guarded:
    """A scene with one lot under `demo-remote`, the gate that guards it, and the witness of its log."""

    scene: Scene
    service: Service
    clock: Clock
    witness_clock: Clock

    @property
    def gate(self) -> RemoteGate:
        return RemoteGate.of(self.scene.platform)

    @property
    def scope(self) -> Scope:
        return Scope(tender_id=self.scene.city.tender_id, lot_id=self.scene.lot, round=1)

    def evidence(self) -> Evidence:
        with self.scene.platform.db.read() as tx:
            return evidence_for(tx, self.scene.platform, self.scene.lot, "opening")


@contextmanager
def guard(
    platform: Platform,
    home: Path,
    city: Published | None = None,
    *,
    content: TenderContent | None = None,
    rule_set: str = "demo-remote",
    lots: int = 1,
    seconds: float = 3600,
) -> Iterator[Guarded]:
    """Gate and witness of `home` on new ports, made where there are none; without a city its scene is played."""
    log = VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)
    clocks = Clock(platform), Clock(platform)
    witness_port, gate_port = servers.free_port(), servers.free_port()
    folder_ = home / "witness"
    made = w.open_witness(folder_) if folder_.exists() else w.make_witness(folder_, log)
    witness = replace(made, clock=clocks[1].timestamp)
    known = Witness(f"http://127.0.0.1:{witness_port}", witness.key.vkey, required=True)
    with TestClient(app_for(platform), base_url="http://site.example") as http:
        service = _service(platform, http, home / "gate", known, clocks[0])
        platform.settings = replace(
            platform.settings,
            witnesses=(known,),
            gate_url=f"http://127.0.0.1:{gate_port}",
            gate_key=service.signer.public_bytes,
            gate_operator=OPERATOR,
        )
        platform.db.info["settings"] = platform.settings
        with w.serve(witness, witness_port), _served(service, gate_port):
            if city is None:
                scene = build(
                    platform,
                    http,
                    home / "scene",
                    lots=lots,
                    seconds=seconds,
                    rule_set=rule_set,
                    content=content,
                )
            else:
                scene = Scene(platform, http, home / "scene", city)
            yield Guarded(scene, service, *clocks)
    service.db.dispose()


def _service(platform: Platform, http: TestClient, home: Path, witness: Witness, now: Clock) -> Service:
    with platform.db.read() as tx:
        authority = x509.load_der_x509_certificate(certificates.authority_der(tx))
    pins = folder.Pins(
        url="http://site.example",
        platform_key=platform.keys.gate_signer.public_bytes.hex(),
        log=str(VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)),
        authority=authority.public_bytes(Encoding.PEM).decode(),
        witnesses=f"{witness.url} {witness.vkey} required",
    )
    if not home.exists():
        folder.create(home, pins, kek=home / folder.KEK)
    service = folder.open_service(home, kek=home / folder.KEK, database_url=None, clock=now)
    trust = replace(service.trust, witnesses=cosigners([witness]))
    return replace(service, source=ServedLog(pins.url, http), trust=trust)


@contextmanager
def _served(service: Service, port: int) -> Iterator[None]:
    server = Server(("127.0.0.1", port), service)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
