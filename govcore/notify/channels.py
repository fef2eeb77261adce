"""The ways out: mail by SMTP, short messages by an HTTP gateway in the form of China Mobile's cloud MAS, calls."""

from __future__ import annotations

import base64
import hashlib
import hmac
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import msgspec

PATIENCE = 20.0


class NotSent(RuntimeError):
    """The channel did not take a message; the sentence, a key of the catalogue, says why and holds no address."""


class Port(Protocol):
    """Sends one text to one address, or raises `NotSent`."""

    def send(self, address: str, subject: str, body: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Mail:
    """`smtp://[user:password@]host:port?from=address[&starttls=1]`, or `smtps://` for TLS from the start."""

    url: str = field(repr=False)

    def send(self, address: str, subject: str, body: str) -> None:
        parts = urlsplit(self.url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = options["from"], address, subject
        message.set_content(body)
        try:
            with _server(parts.scheme, parts.hostname or "", parts.port or 0) as server:
                if options.get("starttls") == "1":
                    server.starttls(context=ssl.create_default_context())
                if parts.username:
                    server.login(unquote(parts.username), unquote(parts.password or ""))
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise NotSent("the mail server refuses the address") from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent("the mail server did not take it") from error


def _server(scheme: str, host: str, port: int) -> smtplib.SMTP:
    """A mail server; by TLS only with a certificate of its name (smtplib alone would take any)."""
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Sms:
    """`https://gateway/path?ec=…&ap=…&secret=…&sign=…[&serial=…]`: a signed JSON form, Base64 in the body."""

    url: str = field(repr=False)

    def send(self, address: str, subject: str, body: str) -> None:
        """Send the body alone: a short message has no subject."""
        parts = urlsplit(self.url)
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        form = {
            "ecName": given["ec"],
            "apId": given["ap"],
            "mobiles": address,
            "content": body,
            "sign": given["sign"],
            "addSerial": given.get("serial", ""),
        }
        signed = (given["ec"], given["ap"], given["secret"], *list(form.values())[2:])
        form["mac"] = hashlib.md5("".join(signed).encode()).hexdigest()  # noqa: S324  the gateway's interface
        content = base64.b64encode(msgspec.json.encode(form))
        try:
            answer = httpx.post(parts._replace(query="").geturl(), content=content, timeout=PATIENCE)
            answer.raise_for_status()
            taken = msgspec.json.decode(answer.content, type=_Answer)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise NotSent("the SMS gateway did not answer as agreed") from error
        if not taken.success:
            raise NotSent("the SMS gateway refuses it") from ValueError(taken.rspcod[:40])


class _Answer(msgspec.Struct):
    success: bool
    rspcod: str = ""


class Heard(StrEnum):
    """How an automatic call stands: still under way, a key was pressed, or nobody answered."""

    PENDING = "pending"
    FIRST = "1"
    SECOND = "2"
    NOBODY = "nobody"


class Line(Protocol):
    """Reads a text to a number and asks for a key; raises `NotSent` when the gateway does not do its part."""

    def place(self, number: str, text: str, reference: str) -> None: ...

    def heard(self, reference: str) -> Heard: ...


@dataclass(frozen=True, slots=True)
class VoiceLine:
    """`https://gateway/path?app=…&secret=…`: JSON signed with HMAC-SHA256, like the form of a short message.

    `place` has the text read aloud and waits for 1 or 2; `result` tells the key. Placing a reference twice is one call.
    """

    url: str = field(repr=False)

    def place(self, number: str, text: str, reference: str) -> None:
        self._ask({"op": "place", "callee": number, "text": text, "keys": "12", "reference": reference})

    def heard(self, reference: str) -> Heard:
        answer = self._ask({"op": "result", "reference": reference})
        try:
            return Heard(answer.key or answer.state)
        except ValueError as error:
            raise NotSent("the call gateway did not answer as agreed") from error

    def _ask(self, form: dict[str, str]) -> _Heard:
        parts = urlsplit(self.url)
        given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        content = msgspec.json.encode({"app": given["app"], **form})
        mac = hmac.new(given["secret"].encode(), content, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-mac": mac}
        try:
            address = parts._replace(query="").geturl()
            answer = httpx.post(address, content=content, headers=headers, timeout=PATIENCE)
            answer.raise_for_status()
            taken = msgspec.json.decode(answer.content, type=_Heard)
        except (httpx.HTTPError, msgspec.MsgspecError) as error:
            raise NotSent("the call gateway did not answer as agreed") from error
        if not taken.success:
            raise NotSent("the call gateway refuses it")
        return taken


class _Heard(msgspec.Struct):
    success: bool
    state: str = "pending"
    key: str = ""
