"""How a service plugs in: one frozen dataclass, found through an entry point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from govcore.db import Tx
from govcore.identity.policy import ADMINISTRATORS, EVERYONE


class ModuleError(RuntimeError):
    """The set of modules is not consistent; the process must not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A right to act, named `scope.action`, and the roles that have it by default.

    An `administrative` one lets nobody do or see anything in a case; administrators can hold no other.
    `duty` is what a member's organisation must have entrusted to the person besides. Requests that need an
    `unlimited` one are never too many: whoever is held up on the way to a deadline or an opening loses a right.
    """

    name: str
    zh: str
    en: str
    roles: frozenset[str]
    administrative: bool = False
    duty: str | None = None
    unlimited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """A kind of log entry; `public` ones are logged in clear, the others blinded.

    Readers of the log cannot tell a `sealed` one from a cover while its module keeps a secret (`sealed_since`).
    """

    name: str
    zh: str
    en: str
    subject: str
    public: bool = False
    sealed: bool = False
    personal: frozenset[str] = frozenset()


SECOND = frozenset({"second"})
"""The personal field of an event that tells who the second person of an act was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """A task that beat rings every `every` seconds; it must be safe to run late, twice or never."""

    task: str
    every: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedColumn:
    """A column of wrapped secrets; `context` tells what a row's blob was wrapped for, so that it can be re-wrapped."""

    attribute: InstrumentedAttribute[Any]
    purpose: str
    context: Callable[[Tx, Any], str]

    @property
    def table(self) -> str:
        return str(self.attribute.class_.__tablename__)

    @property
    def primary_key(self) -> tuple[ColumnElement[Any], ...]:
        return tuple(self.attribute.class_.__table__.primary_key.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPaper:
    """A kind of paper that an organisation may order to bear its seal (`govcore.seals`)."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NavItem:
    """A door to a page: in the navigation of who has the permission; a `public` one at the foot of every page."""

    href: str
    text: str
    icon: str
    permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What lies across every page of one reader; `word` and `texts` are keys of the catalogue, filled from `data`."""

    word: str
    texts: Sequence[str]
    data: Mapping[str, object]
    href: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A way in which one reader can prove who they are, besides password, code and passkey.

    `text` is a key of the catalogue; `called` names in a language what fills its `{provider}`. Where to go on
    afterwards is added to the address.
    """

    href: str
    text: str
    icon: str
    called: Callable[[str], str] = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act of two people: one proposes it, the confirmation of another carries it out in its own transaction.

    `text`, `warning` (what cannot be undone) and the values of `labels` are keys of the catalogue; `content` is the
    type of what the proposer decides. `facts(tx, object_id, content, actor)` tells by the keys of `labels` what will
    happen, and raises `NotFound` for an actor who may not see the object; the second person types the one that is
    called `typed`. `run(tx, platform, object_id, content,
    proposer, second)` does it. `back` is the address of the object, with a place for `{object_id}`.
    """

    name: str
    text: str
    warning: str
    permission: str
    second: str
    content: type[Any]
    labels: Mapping[str, str]
    typed: str
    facts: Callable[..., Mapping[str, str | int]]
    run: Callable[..., None]
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A file that a module published; `kind` is a key of the catalogue."""

    kind: str
    name: str
    title: str
    href: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """Somebody of the demo's city whom its visitor may sign in as."""

    username: str
    password: str = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """Everything a service adds to the platform; `prefixes` own its event and permission names.

    `bands(tx, platform, actor, at)` tells what must lie across every page of a signed-in reader. `migrations` is the
    folder of its own numbered revisions when it is shipped apart from the platform; the tables they make begin with
    the module's name. `published_files(tx, sha256)` tells which files with this hash the module published.
    `tied(tx, user_id, at)` names people who act for this one or for whom it acts: they are no second
    person to it. `proofs(tx, platform, actor, at)` are a reader's own ways to prove who they are.
    `demo(platform)` adds its part to the fictional city, once, in well under a second.
    """

    name: str
    prefixes: Sequence[str]
    requires: Sequence[str] = ()
    routes: Sequence[Any] = ()
    nav: Sequence[NavItem] = ()
    bands: Callable[..., Iterable[Band]] | None = None
    proofs: Callable[..., Iterable[Proof]] | None = None
    published_files: Callable[..., Iterable[PublishedFile]] | None = None
    templates: Path | None = None
    locale: Sequence[Path] = ()
    permissions: Sequence[Permission] = ()
    audit_events: Sequence[EventType] = ()
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    schedule: Mapping[str, Sweep] = field(default_factory=dict)
    task_packages: Sequence[str] = ()
    sealed_since: Callable[[Any], datetime | None] | None = None
    """In a transaction: when the oldest secret that still lasts began, nothing when there is none."""
    wrapped: Sequence[WrappedColumn] = ()
    acts: Sequence[Act] = ()
    tied: Callable[..., Iterable[str]] | None = None
    migrations: Path | None = None
    demo: Callable[..., Iterable[DemoAccount]] | None = None
    sealed_papers: Sequence[SealedPaper] = ()
    configure: Callable[..., None] | None = None
    """Called with the settings when a process opens the platform; raises a `Problem` that stops it."""
    dues: Sequence[Callable[..., Iterable[Any]]] = ()
    """What a new holiday notice moves among its stored days (`govcore.calendar.dues.Recount`)."""
    undisturbed: Callable[[Any, datetime], Iterable[Undisturbed]] | None = None
    """What no upgrade may disturb at this time; asked on the tables of the release before, so it names columns."""
    public_events: Callable[[Any, EventType, Sequence[str]], None] | None = None
    """Called in the transaction that records a public event, with its kind and the ids of its subjects."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """Something that an upgrade would put at risk now: its id, and one English sentence for the operator."""

    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class Registry:
    """The enabled modules in order of their requirements, and what they registered by name."""

    modules: tuple[Module, ...]
    permissions: Mapping[str, Permission]
    events: Mapping[str, EventType]
    subscribers: Mapping[str, tuple[str, ...]]
    sealed_papers: Mapping[str, SealedPaper] = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)

    def tell_public(self, tx: Tx, event: EventType, subjects: Sequence[str]) -> None:
        """Let every module that wants to know of public events note this one."""
        for module in self.modules:
            if module.public_events is not None:
                module.public_events(tx, event, subjects)

    def published_files(self, tx: Tx, sha256: str) -> list[PublishedFile]:
        """The published files with exactly this SHA-256, whichever module published them."""
        asked = [module.published_files for module in self.modules if module.published_files is not None]
        return [file for ask in asked for file in ask(tx, sha256)]

    @property
    def wrapped(self) -> tuple[WrappedColumn, ...]:
        """Every column of wrapped secrets."""
        return tuple(column for module in self.modules for column in module.wrapped)

    @property
    def personal(self) -> frozenset[str]:
        """What everybody with an account may do: it is no role's, so nobody can give or take it."""
        return frozenset(name for name, p in self.permissions.items() if p.roles >= EVERYONE)

    def permissions_of(self, roles: frozenset[str]) -> frozenset[str]:
        return frozenset(name for name, p in self.permissions.items() if p.roles & roles)

    def withheld_of(self, permissions: frozenset[str], duties: frozenset[str]) -> dict[str, str]:
        """Those of the permissions that need a duty not among `duties`, each with it."""
        needed = ((name, self.permissions[name].duty) for name in permissions)
        return {name: duty for name, duty in needed if duty is not None and duty not in duties}


def discover(enabled: Sequence[str] | None = None) -> Registry:
    """Load the enabled modules (all installed ones by default); raise `ModuleError` in one sentence."""
    points = _installed()
    names = list(points) if enabled is None else list(enabled)
    if unknown := [name for name in names if name not in points]:
        raise ModuleError(f"no installed module is called {unknown[0]}")
    return build_registry([points[name].load() for name in names])


@cache
def _installed() -> dict[str, EntryPoint]:
    """The modules by name: what is installed stays the same as long as a process runs."""
    return {point.name: point for point in entry_points(group="govcore.modules")}


def build_registry(modules: Sequence[Module]) -> Registry:
    ordered = _in_order({module.name: module for module in modules})
    permissions: dict[str, Permission] = {}
    events: dict[str, EventType] = {}
    subscribers: dict[str, list[str]] = {}
    papers: dict[str, SealedPaper] = {}
    acts: dict[str, Act] = {}
    owner: dict[str, str] = {}
    for module in ordered:
        for prefix in module.prefixes:
            if prefix in owner:
                raise ModuleError(f"modules {owner[prefix]} and {module.name} both claim the prefix {prefix}")
            owner[prefix] = module.name
        _register(module, module.permissions, permissions, "permission")
        _keep_administrators_out(module)
        _register(module, module.audit_events, events, "event")
        _register(module, module.sealed_papers, papers, "sealed paper")
        _register(module, module.acts, acts, "act")
    for act in acts.values():
        if unknown := {act.permission, act.second} - permissions.keys():
            raise ModuleError(f"the act {act.name} asks for the unknown permission {min(unknown)}")
    for module in ordered:
        for event, task in module.subscriptions.items():
            if event not in events:
                raise ModuleError(f"module {module.name} subscribes to the unknown event {event}")
            subscribers.setdefault(event, []).append(task)
    owed = {event: tuple(tasks) for event, tasks in subscribers.items()}
    return Registry(tuple(ordered), permissions, events, owed, papers, acts)


def _register(module: Module, items: Sequence[Any], into: dict[str, Any], kind: str) -> None:
    for item in items:
        if item.name.split(".")[0] not in module.prefixes:
            raise ModuleError(f"module {module.name} may not register the {kind} {item.name}")
        if item.name in into:
            raise ModuleError(f"the {kind} {item.name} is registered twice")
        into[item.name] = item


def _keep_administrators_out(module: Module) -> None:
    for permission in module.permissions:
        if permission.roles & ADMINISTRATORS and not permission.administrative:
            raise ModuleError(
                f"module {module.name} gives {permission.name} to an administrator, who can hold no right in a case"
            )


def _in_order(modules: Mapping[str, Module]) -> list[Module]:
    ordered: list[Module] = []
    entered: set[str] = set()

    def visit(module: Module) -> None:
        if module in ordered:
            return
        if module.name in entered:
            raise ModuleError(f"module {module.name} requires itself in a circle")
        entered.add(module.name)
        for name in module.requires:
            if name not in modules:
                raise ModuleError(f"module {module.name} requires {name}, which is not enabled")
            visit(modules[name])
        ordered.append(module)

    for module in modules.values():
        visit(module)
    return ordered
