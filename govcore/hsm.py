"""Key-encryption keys in a PKCS#11 token: AES-256, made there, never leaving it (extra `pkcs11`)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from govcore.keys import UnwrapError, number_of
from govcore.settings import SettingsError

if TYPE_CHECKING:
    from pkcs11 import Session
    from pkcs11._pkcs11 import lib

PREFIX = "pkcs11:"


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """A PKCS#11 URI (RFC 7512): which module, token and key, and the file that holds the PIN."""

    module: str
    token: str
    object: str
    pin_source: Path

    @classmethod
    def parse(cls, uri: str) -> TokenAddress:
        """Read `pkcs11:token=T;object=O?module-path=M&pin-source=F`; `SettingsError` for anything else."""
        split = urlsplit(uri)
        path = dict(part.partition("=")[::2] for part in split.path.split(";"))
        query = dict(parse_qsl(split.query))
        try:
            return cls(
                module=query["module-path"],
                token=unquote(path["token"]),
                object=unquote(path["object"]),
                pin_source=Path(query["pin-source"].removeprefix("file:")),
            )
        except KeyError as error:
            raise SettingsError(f"TRADING_KEK_PKCS11 does not name {error.args[0]}") from error


class TokenKeks:
    """Keys of a token, the first labelled as the address says; one logged-in session, used by one thread at a time."""

    def __init__(self, address: TokenAddress) -> None:
        self._library, self._session = _log_in(address)
        self._label = address.object
        self._lock = threading.Lock()
        # Their class is put together at run time from what the token can do with them.
        self._keys: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"TokenKeks({self._label})"

    @classmethod
    def open(cls, uri: str) -> TokenKeks:
        """Log in; `SettingsError` when library, token, PIN or key is not there."""
        keks = cls(TokenAddress.parse(uri))
        keks.names()
        return keks

    def names(self) -> Sequence[str]:
        with self._lock:
            names = self._names()
        if not names:
            raise SettingsError(f"the token has no key {self._label}: run `trading migrate` first")
        return names

    def holds(self, name: str) -> bool:
        return name in self._keys or name in self.names()

    def add(self) -> str:
        number = number_of(self.names()[-1], PREFIX + self._label) + 1
        with self._lock:
            self._make(f"{self._label}-{number}")
        return f"{PREFIX}{self._label}-{number}"

    def encrypt(self, name: str, iv: bytes, secret: bytes, aad: bytes) -> bytes:
        from pkcs11 import GCMParams, Mechanism

        with self._lock:
            key = self._key(name)
            return bytes(
                key.encrypt(secret, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(iv, aad, 128))
            )

    def decrypt(self, name: str, iv: bytes, sealed: bytes, aad: bytes) -> bytes:
        from pkcs11 import GCMParams, Mechanism, PKCS11Error

        try:
            with self._lock:
                key = self._key(name)
                return bytes(
                    key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(iv, aad, 128))
                )
        except PKCS11Error as error:
            raise UnwrapError(f"{name} does not open this blob for the purpose and context asked") from error

    def close(self) -> None:
        """Log out and let go of the library: a process forked later must begin anew."""
        self._session.close()
        self._library.finalize()

    def make_first(self) -> None:
        with self._lock:
            if not self._names():
                self._make(self._label)

    def _names(self) -> list[str]:
        from pkcs11 import Attribute, KeyType, ObjectClass

        wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES}
        labels: dict[str, Any] = {
            str(getattr(key, "label", "")): key for key in self._session.get_objects(wanted)
        }
        numbers = {label: number_of(label, self._label) for label in labels}
        self._keys = {PREFIX + label: labels[label] for label, number in numbers.items() if number}
        return sorted(self._keys, key=lambda name: numbers[name.removeprefix(PREFIX)])

    def _key(self, name: str) -> Any:
        if name not in self._keys:
            self._names()
        return self._keys[name]

    def _make(self, label: str) -> None:
        from pkcs11 import Attribute, KeyType

        sealed_in = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        self._session.generate_key(KeyType.AES, 256, label=label, store=True, template=sealed_in)


def create_first(uri: str) -> None:
    """Make the first key in the token, unless there is one."""
    keks = TokenKeks(TokenAddress.parse(uri))
    try:
        keks.make_first()
    finally:
        keks.close()


def _log_in(address: TokenAddress) -> tuple[lib, Session]:
    if find_spec("pkcs11") is None:
        raise SettingsError(
            "TRADING_KEK_PKCS11 needs the extra: pip install 'public-resource-trading[pkcs11]'"
        )
    import pkcs11

    try:
        pin = address.pin_source.read_text().strip()
        library = pkcs11.lib(address.module)
        return library, library.get_token(token_label=address.token).open(user_pin=pin, rw=True)
    except OSError as error:
        raise SettingsError(f"the token's PIN cannot be read: {error}") from error
    except pkcs11.PKCS11Error as error:
        reason = str(error) or type(error).__name__
        raise SettingsError(f"the token {address.token} cannot be used: {reason}") from error
