"""The peer of `bench_submit`: the same server and framework, one handler, one INSERT, nothing else."""

from __future__ import annotations

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor

import msgspec
from litestar import Litestar, Response, post
from litestar.params import JSONBody
from sqlalchemy import String, insert
from sqlalchemy.orm import Mapped, mapped_column

from govcore.db import Base, Database
from govcore.processes import keep_to_one_core
from govcore.web.app import THREADS

URL = "BENCH_DATABASE_URL"
ONE_CORE = "BENCH_ONE_CORE"


class BareRow(Base):
    """What the bare handler stores: the body as it came."""

    __tablename__ = "bench_bare"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str]


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same message that the platform's handler takes."""

    envelope: str
    upload_id: str
    idempotency_key: str


_INSERT = insert(Base.metadata.tables[BareRow.__tablename__]).inline()


def create() -> Litestar:
    if ONE_CORE in os.environ:
        keep_to_one_core()
    database = Database(os.environ[URL])

    @post("/", sync_to_thread=True, status_code=201)
    def write(data: JSONBody[Given]) -> Response[bytes]:
        row = {"id": secrets.token_hex(16), "body": data.envelope}
        with database.transaction() as tx:
            tx.execute(_INSERT, row)
        return Response(b"{}", media_type="application/json", status_code=201)

    return Litestar([write], on_startup=[_size_thread_pool])


def _size_thread_pool() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
