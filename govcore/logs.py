"""One line of JSON an event on standard error; never a secret, never a body."""

from __future__ import annotations

import logging
import secrets
import sys
from contextvars import ContextVar
from dataclasses import dataclass

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars, merge_contextvars


@dataclass(frozen=True, slots=True)
class Source:
    """Where a request comes from: the session's number and the network of the client; empty where there is none."""

    session: str = ""
    network: str = ""


_NOWHERE = Source()
_SOURCE: ContextVar[Source] = ContextVar("source", default=_NOWHERE)
"""Not among what log lines carry: they would tell whose requests lead to a bid."""


def begin_request(number: str | None = None) -> str:
    """Number what begins here, a request or a task: log lines and logged events of it carry the number."""
    number = number or secrets.token_hex(8)
    clear_contextvars()
    _SOURCE.set(_NOWHERE)
    bind_contextvars(request=number)
    return number


def come_from(*, session: str, network: str) -> None:
    """Say where the present request comes from, for the events that it logs."""
    _SOURCE.set(Source(session, network))


def source() -> Source:
    """Where the present request comes from; nothing in tasks and at the command line."""
    return _SOURCE.get()


def request_number() -> str | None:
    """The number of the request or task that is being answered; nothing in a program at the command line."""
    number: str | None = get_contextvars().get("request")
    return number


def configure(level: int = logging.WARNING) -> None:
    """Send the standard library's and our own log lines through one renderer."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso"),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    structlog.configure(
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        processors=[
            merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
