"""Settings: read once from the environment, then passed as a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from govcore.audit.note import NoteError, VerifierKey, parse_vkey
from govcore.audit.tlog_policy import PolicyError, Witness, parse_witnesses
from govcore.federation.providers import Provider, ProvidersError, read_providers
from govcore.identity.policy import ASVS, EVERYONE, PROFILES, STRONG_ROLES, Profile
from govcore.links import plain_hosts
from govcore.media import MediaError, Medium, read_media

PROBER = "prober"
"""The folder, in the data folder, of the prober that `serve` runs with `TRADING_PROBE_HERE=1`."""


class SettingsError(RuntimeError):
    """A setting is missing or contradicts another; the process must not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the data lies and how the platform behaves; `demo` admits unlawful rules and clock offsets.

    Addresses may hold passwords and are left out of `repr`. `production` refuses keys that lie with the data.
    """

    data: Path
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    store_url: str = field(repr=False)
    kek_file: Path
    kek_pkcs11: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 1
    demo: bool = False
    production: bool = False
    centre: str = ""
    site_url: str = ""
    smtp_url: str = field(default="", repr=False)
    sms_url: str = field(default="", repr=False)
    call_url: str = field(default="", repr=False)
    scanner_url: str = ""
    clock_offset: timedelta = timedelta(0)
    clock_file: Path | None = None
    log_origin: str = "trading.example/log/2026"
    log_interval: float = 60.0
    log_bucket: int = 64
    log_copy_url: str = field(default="", repr=False)
    witnesses: tuple[Witness, ...] = ()
    gate_url: str | None = None
    gate_key: bytes | None = None
    gate_operator: str = ""
    tsa_url: str = field(default="", repr=False)
    tsa_certificate: bytes | None = field(default=None, repr=False)
    tsa_timeout: float = 5.0
    oidc: tuple[Provider, ...] = ()
    media: tuple[Medium, ...] = ()
    modules: tuple[str, ...] | None = None
    profile: Profile = ASVS
    strong_roles: frozenset[str] = STRONG_ROLES
    trusted_proxies: tuple[str, ...] = ()
    requests_per_minute: int = 1200
    api_described: bool = True
    plain_hosts: frozenset[str] = frozenset()
    rule_sets: Path | None = None
    probers: tuple[VerifierKey, ...] = ()
    probe_here: bool = False
    operators: tuple[VerifierKey, ...] = ()

    @property
    def embedded_broker(self) -> bool:
        return self.broker_url.startswith("filesystem://")

    @property
    def encrypted_site(self) -> bool:
        """Whether people reach the site by TLS, as far as its settings say."""
        return self.site_url.startswith("https://")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read `TRADING_*`; raise `SettingsError` naming the variable that is wrong."""
        data = Path(environ.get("TRADING_DATA", "data")).absolute()
        demo = environ.get("TRADING_DEMO", "") == "1"
        modules = environ.get("TRADING_MODULES")
        gate_key = environ.get("TRADING_GATE_KEY")
        clock_file = environ.get("TRADING_CLOCK_FILE", "")
        try:
            offset = timedelta(seconds=float(environ.get("TRADING_CLOCK_OFFSET", "0")))
            settings = cls(
                data=data,
                database_url=environ.get("TRADING_DATABASE_URL", f"sqlite:///{data}/trading.sqlite3"),
                broker_url=environ.get("TRADING_BROKER_URL", "filesystem://"),
                store_url=environ.get("TRADING_STORE_URL", f"file://{data}/store"),
                kek_file=_kek_file(environ, data),
                kek_pkcs11=environ.get("TRADING_KEK_PKCS11", ""),
                host=environ.get("TRADING_HOST", "127.0.0.1"),
                port=int(environ.get("TRADING_PORT", "8000")),
                web_workers=int(environ.get("TRADING_WEB_WORKERS", "1")),
                demo=demo,
                production=environ.get("TRADING_PRODUCTION", "") == "1",
                centre=environ.get("TRADING_CENTRE", ""),
                site_url=environ.get("TRADING_SITE_URL", ""),
                smtp_url=environ.get("TRADING_SMTP_URL", ""),
                sms_url=environ.get("TRADING_SMS_URL", ""),
                call_url=environ.get("TRADING_CALL_URL", ""),
                scanner_url=_scanner_url(environ),
                clock_offset=offset,
                clock_file=Path(clock_file) if clock_file else None,
                log_origin=environ.get("TRADING_LOG_ORIGIN", "trading.example/log/2026"),
                log_interval=float(environ.get("TRADING_LOG_INTERVAL", "60")),
                log_bucket=int(environ.get("TRADING_LOG_BUCKET", "64")),
                log_copy_url=environ.get("TRADING_LOG_COPY_URL", ""),
                witnesses=_witnesses(environ.get("TRADING_WITNESSES", "")),
                gate_url=environ.get("TRADING_GATE_URL"),
                gate_key=bytes.fromhex(gate_key) if gate_key else None,
                gate_operator=environ.get("TRADING_GATE_OPERATOR", ""),
                oidc=_providers(environ, demo=demo),
                media=_media(environ, demo=demo),
                tsa_url=environ.get("TRADING_TSA_URL", ""),
                tsa_certificate=_tsa_certificate(environ),
                tsa_timeout=float(environ.get("TRADING_TSA_TIMEOUT", "5")),
                rule_sets=Path(environ["TRADING_RULE_SETS"]) if environ.get("TRADING_RULE_SETS") else None,
                modules=tuple(modules.split(",")) if modules else None,
                profile=_profile(environ),
                strong_roles=_strong_roles(environ, demo=demo),
                trusted_proxies=_networks(environ.get("TRADING_TRUSTED_PROXIES", "")),
                requests_per_minute=_requests(environ, demo=demo),
                api_described=_api_described(environ),
                plain_hosts=frozenset(_listed(environ.get("TRADING_PLAIN_HOSTS", ""))),
                probers=_probers(environ, data),
                probe_here=environ.get("TRADING_PROBE_HERE", "") == "1",
                operators=_verifier_keys(environ.get("TRADING_OPERATORS", "").split(), "TRADING_OPERATORS"),
            )
        except ValueError as error:
            raise SettingsError(f"a TRADING_ number cannot be read: {error}") from error
        if (offset or clock_file) and not demo:
            name = "TRADING_CLOCK_OFFSET" if offset else "TRADING_CLOCK_FILE"
            raise SettingsError(f"{name} is refused outside TRADING_DEMO=1")
        if demo and settings.production:
            raise SettingsError("TRADING_DEMO=1 is refused in TRADING_PRODUCTION=1")
        _refuse_plain_links(settings)
        return settings


def _profile(environ: Mapping[str, str]) -> Profile:
    """The norm that is followed, with the limits of sessions that the site sets itself."""
    name = environ.get("TRADING_SIGN_IN_PROFILE", ASVS.name)
    if name not in PROFILES:
        raise SettingsError(f"TRADING_SIGN_IN_PROFILE must be one of {', '.join(PROFILES)}")
    profile = PROFILES[name]
    idle = _minutes(environ, "TRADING_SESSION_IDLE", profile.idle)
    return replace(
        profile, idle=idle, lifetime=_minutes(environ, "TRADING_SESSION_LIFETIME", profile.lifetime)
    )


def _strong_roles(environ: Mapping[str, str], *, demo: bool) -> frozenset[str]:
    """Whose work needs a second factor: those of `STRONG_ROLES` and the others that are named; in the demo nobody's."""
    wanted = environ.get("TRADING_SECOND_FACTOR", "offered" if demo else "required")
    if wanted not in ("required", "offered"):
        raise SettingsError("TRADING_SECOND_FACTOR must be required or offered")
    also = frozenset(_listed(environ.get("TRADING_SECOND_FACTOR_ALSO", "")))
    if unknown := sorted(also - EVERYONE):
        raise SettingsError(f"TRADING_SECOND_FACTOR_ALSO names no role: {', '.join(unknown)}")
    if wanted == "offered" and also:
        raise SettingsError("TRADING_SECOND_FACTOR_ALSO needs TRADING_SECOND_FACTOR=required")
    return STRONG_ROLES | also if wanted == "required" else frozenset()


def _requests(environ: Mapping[str, str], *, demo: bool) -> int:
    """Unlimited in the demo, where one machine plays everybody, unless something else is said."""
    wanted = int(environ.get("TRADING_REQUESTS_PER_MINUTE", "0" if demo else "1200"))
    if wanted and wanted < 60:
        raise SettingsError("TRADING_REQUESTS_PER_MINUTE must be at least 60, or 0 for no limit")
    return wanted


def _api_described(environ: Mapping[str, str]) -> bool:
    """Described for everybody; in production only where the site says so."""
    default = "none" if environ.get("TRADING_PRODUCTION", "") == "1" else "public"
    wanted = environ.get("TRADING_API_DESCRIPTION", default)
    if wanted not in ("public", "none"):
        raise SettingsError("TRADING_API_DESCRIPTION must be public or none")
    return wanted == "public"


def _refuse_plain_links(settings: Settings) -> None:
    """What passes between our servers holds sessions, sealed bids and secrets of gateways."""
    links = {
        "TRADING_DATABASE_URL": settings.database_url,
        "TRADING_BROKER_URL": settings.broker_url,
        "TRADING_STORE_URL": settings.store_url,
        "TRADING_LOG_COPY_URL": settings.log_copy_url,
        "TRADING_GATE_URL": settings.gate_url or "",
        "TRADING_SMTP_URL": settings.smtp_url,
        "TRADING_SMS_URL": settings.sms_url,
        "TRADING_CALL_URL": settings.call_url,
        "TRADING_SCANNER_URL": settings.scanner_url,
    }
    for variable, host in plain_hosts(links, allowed=settings.plain_hosts):
        raise SettingsError(
            f"{variable} reaches {host} without TLS; use an encrypted address, or name the host in "
            "TRADING_PLAIN_HOSTS when its network is yours alone"
        )


def _scanner_url(environ: Mapping[str, str]) -> str:
    url = environ.get("TRADING_SCANNER_URL", "")
    parts = urlsplit(url)
    if url and not ((parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path)):
        raise SettingsError("TRADING_SCANNER_URL must be tcp://host:port or unix:///path")
    return url


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _minutes(environ: Mapping[str, str], variable: str, default: timedelta) -> timedelta:
    limit = timedelta(minutes=int(environ[variable])) if variable in environ else default
    if limit <= timedelta(0):
        raise SettingsError(f"{variable} must be whole minutes, more than none")
    return limit


def _networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(one)) for one in _listed(text))
    except ValueError as error:
        raise SettingsError(f"TRADING_TRUSTED_PROXIES cannot be read: {error}") from error


def _providers(environ: Mapping[str, str], *, demo: bool) -> tuple[Provider, ...]:
    """The identity providers in the file that `TRADING_OIDC_FILE` names; none without it."""
    if not (path := environ.get("TRADING_OIDC_FILE")):
        return ()
    try:
        return read_providers(Path(path), demo=demo)
    except ProvidersError as error:
        raise SettingsError(f"TRADING_OIDC_FILE cannot be used: {error}") from error


def _media(environ: Mapping[str, str], *, demo: bool) -> tuple[Medium, ...]:
    """The media in the file that `TRADING_MEDIA_FILE` names; none without it."""
    if not (path := environ.get("TRADING_MEDIA_FILE")):
        return ()
    try:
        return read_media(Path(path), demo=demo)
    except MediaError as error:
        raise SettingsError(f"TRADING_MEDIA_FILE cannot be used: {error}") from error


def _tsa_certificate(environ: Mapping[str, str]) -> bytes | None:
    """The certificate (PEM) that the time stamps of TRADING_TSA_URL must be signed with, or issued by."""
    path = environ.get("TRADING_TSA_CERTIFICATE")
    if not environ.get("TRADING_TSA_URL"):
        return None
    if not path:
        raise SettingsError("TRADING_TSA_URL needs TRADING_TSA_CERTIFICATE, whose time stamps are believed")
    try:
        certificate = Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"TRADING_TSA_CERTIFICATE {path} cannot be read: {error.strerror}") from error
    if b"-----BEGIN CERTIFICATE-----" not in certificate:
        raise SettingsError(f"TRADING_TSA_CERTIFICATE {path} holds no certificate in PEM form")
    return certificate


def _witnesses(text: str) -> tuple[Witness, ...]:
    try:
        return parse_witnesses(text)
    except PolicyError as error:
        raise SettingsError(f"TRADING_WITNESSES cannot be read: {error}") from error


def _probers(environ: Mapping[str, str], data: Path) -> tuple[VerifierKey, ...]:
    """The probers that are believed: those named, and the one that `serve` runs here, once it has its key."""
    here = data / PROBER / "vkey"
    texts = environ.get("TRADING_PROBERS", "").split()
    if environ.get("TRADING_PROBE_HERE", "") == "1" and here.is_file():
        texts.append(here.read_text(encoding="utf-8").strip())
    return _verifier_keys(texts, "TRADING_PROBERS")


def _verifier_keys(texts: Sequence[str], variable: str) -> tuple[VerifierKey, ...]:
    try:
        return tuple(parse_vkey(text) for text in texts)
    except NoteError as error:
        raise SettingsError(f"{variable} cannot be read: {error}") from error


def _kek_file(environ: Mapping[str, str], data: Path) -> Path:
    """The file that is named, else the credential `kek` that systemd hands over, else one in the data folder."""
    if "TRADING_KEK_FILE" in environ:
        return Path(environ["TRADING_KEK_FILE"])
    credential = Path(environ.get("CREDENTIALS_DIRECTORY", "/nonexistent")) / "kek"
    return credential if credential.exists() else data / "keys" / "kek"
