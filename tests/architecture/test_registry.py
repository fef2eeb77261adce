"""What the modules register and what the routes, rules and sweeps name must fit."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib.metadata import entry_points
from inspect import signature
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.utils.sync import is_async_callable

from govcore.keys import create_kek
from govcore.module import Registry
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.tasks import create_celery
from govcore.web.app import create_app, declared_permissions
from trading.procedure import rules

OWN = ("govcore.", "guarantees.", "trading.", "bureau.")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Litestar]:
    """The application with every installed module."""
    settings = Settings.from_environ({"TRADING_DATA": str(tmp_path_factory.mktemp("app"))})
    create_kek(settings.kek_file)
    platform = Platform.open(settings)
    yield create_app(platform)
    platform.db.dispose()


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            yield from (h for h in route.route_handlers if h.http_methods != {"OPTIONS"})


def test_every_installed_module_is_enabled_by_default(registry: Registry) -> None:
    installed = {point.name for point in entry_points(group="govcore.modules")}

    assert {module.name for module in registry.modules} == installed


def test_every_route_declares_a_registered_permission(app: Litestar, registry: Registry) -> None:
    known = {"public", *registry.permissions}

    assert [(path, name) for path, name in declared_permissions(app) if name not in known] == []


def test_every_permission_is_held_by_somebody(registry: Registry) -> None:
    assert [name for name, permission in registry.permissions.items() if not permission.roles] == []


def test_whatever_reaches_the_database_runs_in_a_thread(app: Litestar) -> None:
    """A blocking handler on the event loop would stop the clock of everybody else."""
    threaded = [h for h in _handlers(app) if h.sync_to_thread]
    on_the_loop = [
        h
        for h in _handlers(app)
        if not h.sync_to_thread and h.fn.__module__.startswith(OWN) and not is_async_callable(h.fn)
    ]

    blocking = [h.fn.__qualname__ for h in on_the_loop if "platform" in signature(h.fn).parameters]

    assert len(threaded) > len(on_the_loop)
    assert blocking == []


def test_no_path_and_method_is_served_twice(app: Litestar) -> None:
    served = [
        (route.path, method)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    ]

    assert len(served) == len(set(served))


def test_every_rule_of_a_state_machine_names_a_registered_event_and_permission(registry: Registry) -> None:
    tables = [
        (module, name, table)
        for module, name, table in _rule_tables()
        if table and all(hasattr(rule, "event") for rule in table.values())
    ]
    wrong = [
        (module, name, move)
        for module, name, table in tables
        for move, rule in table.items()
        if (rule.event and rule.event not in registry.events)
        or (getattr(rule, "permission", None) and rule.permission not in registry.permissions)
    ]

    assert {module for module, _, _ in tables} >= {"trading.tender.policy"}
    assert wrong == []


def _rule_tables() -> Iterator[tuple[str, str, dict[object, object]]]:
    root = Path(__file__).parents[2]
    for path in sorted(root.glob("*/**/policy.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        if not name.startswith(OWN):
            continue
        for attribute, value in vars(importlib.import_module(name)).items():
            if attribute.endswith("RULES") and isinstance(value, dict):
                yield name, attribute, value


def test_every_sweep_and_subscription_is_a_task_that_exists(registry: Registry, tmp_path: Path) -> None:
    app = create_celery(Settings.from_environ({"TRADING_DATA": str(tmp_path)}), registry)
    app.loader.import_default_modules()
    named = {sweep.task for module in registry.modules for sweep in module.schedule.values()}
    named |= {task for tasks in registry.subscribers.values() for task in tasks}

    assert named - set(app.tasks) == set()


def test_tables_carry_the_name_of_their_slice() -> None:
    from govcore.db import Base

    prefixes: dict[str, set[str]] = {}
    for mapper in Base.registry.mappers:
        prefixes.setdefault(mapper.class_.__module__, set()).add(mapper.local_table.name.split("_")[0])  # type: ignore[attr-defined]

    shared = {
        prefix
        for prefix in {p for names in prefixes.values() for p in names}
        if sum(prefix in names for names in prefixes.values()) > 1
    }
    assert shared == set()


def test_every_rule_set_can_be_read() -> None:
    names = sorted(path.stem for path in (Path(rules.__file__).parent / "rule_sets").glob("*.json"))

    assert [rules.rule_set(name).id for name in names] == names
    assert {"demo", "demo-remote"} <= set(names)
