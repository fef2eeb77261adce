"""Time stamps (RFC 3161) of an outside authority: asked for within a time, believed only when its certificate fits."""

from __future__ import annotations

import asyncio

import httpx
from asn1crypto import cms, pem, tsp
from asn1crypto import x509 as asn1_x509
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from govcore.settings import Settings

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_LARGEST = 64 << 10


class NoTimeStamp(Exception):
    """No time stamp that could be believed came in time; the text says why."""


class TimeStampAuthority(TimeStamper):
    """A time stamp authority behind an address; a whole answer takes no longer than `timeout` seconds."""

    def __init__(self, url: str, *, trusted: bytes, timeout: float) -> None:
        super().__init__()
        self._url, self._trusted, self._timeout = url, trusted, timeout

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Send one request; raises `NoTimeStamp`."""
        try:
            async with asyncio.timeout(self._timeout), httpx.AsyncClient(timeout=self._timeout) as client:
                headers = {"content-type": _QUERY, "accept": _REPLY}
                async with client.stream("POST", self._url, content=req.dump(), headers=headers) as answer:
                    return tsp.TimeStampResp.load(await _body(answer))
        except TimeoutError as error:
            raise NoTimeStamp(f"no answer within {self._timeout:g} s") from error
        except (httpx.HTTPError, ValueError) as error:
            raise NoTimeStamp(f"no usable answer: {type(error).__name__}") from error

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token over the digest, signed by the trusted authority; raises `NoTimeStamp`."""
        try:
            token: cms.ContentInfo = await super().async_timestamp(message_digest, md_algorithm)
            found = await validate_tst_signed_data(
                token["content"],
                ValidationContext(trust_roots=_certificates(self._trusted), allow_fetching=False),
                lambda _: message_digest,
            )
        except (TimestampRequestError, SignatureValidationError, ValueError, TypeError, KeyError) as error:
            raise NoTimeStamp(f"the answer is no time stamp: {type(error).__name__}") from error
        status = TimestampSignatureStatus(**found)
        if not (status.intact and status.valid and status.trusted):
            raise NoTimeStamp("the time stamp is not signed by the trusted authority")
        return token


def authority_of(settings: Settings) -> TimeStampAuthority | None:
    """The configured authority, nothing when there is none."""
    if not settings.tsa_url or settings.tsa_certificate is None:
        return None
    return TimeStampAuthority(
        settings.tsa_url, trusted=settings.tsa_certificate, timeout=settings.tsa_timeout
    )


async def _body(answer: httpx.Response) -> bytes:
    answer.raise_for_status()
    if answer.headers.get("content-type", "").partition(";")[0].strip() != _REPLY:
        raise ValueError("no time stamp reply")
    body = b""
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST:
            raise ValueError("too large for a time stamp")
    return body


def _certificates(trusted: bytes) -> list[asn1_x509.Certificate]:
    return [asn1_x509.Certificate.load(der) for _, _, der in pem.unarmor(trusted, multiple=True)]
