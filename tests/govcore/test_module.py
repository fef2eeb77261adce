"""The registry refuses a set of modules that does not fit, in one sentence."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from govcore.module import EventType, Module, ModuleError, Permission, Sweep, build_registry, discover


def _permission(name: str, *roles: str) -> Permission:
    return Permission(name=name, zh="权", en="Right", roles=frozenset(roles))


def _event(name: str) -> EventType:
    return EventType(name=name, zh="事", en="Event", subject="thing")


LAND = Module(
    name="land",
    prefixes=("land", "plot"),
    permissions=[_permission("land.read", "agency", "centre"), _permission("plot.sell", "centre")],
    audit_events=[_event("plot.sold")],
    schedule={"land.close": Sweep(task="land.close", every=0.5)},
)
MAPS = Module(name="maps", prefixes=("maps",), requires=("land",), subscriptions={"plot.sold": "maps.redraw"})
TAX = Module(name="tax", prefixes=("tax",), requires=("maps", "land"), subscriptions={"plot.sold": "tax.ask"})


@pytest.mark.parametrize("modules", list(permutations([LAND, MAPS, TAX])))
def test_modules_come_after_what_they_require(modules: tuple[Module, ...]) -> None:
    registry = build_registry(modules)

    assert [module.name for module in registry.modules] == ["land", "maps", "tax"]


def test_what_modules_register_is_found_by_name() -> None:
    registry = build_registry([LAND, MAPS, TAX])

    assert set(registry.permissions) == {"land.read", "plot.sell"}
    assert set(registry.events) == {"plot.sold"}
    assert registry.subscribers == {"plot.sold": ("maps.redraw", "tax.ask")}


@pytest.mark.parametrize(
    ("roles", "granted"),
    [
        ({"centre"}, {"land.read", "plot.sell"}),
        ({"agency"}, {"land.read"}),
        ({"bidder"}, set()),
        (set(), set()),
    ],
)
def test_roles_bring_their_permissions(roles: set[str], granted: set[str]) -> None:
    assert build_registry([LAND]).permissions_of(frozenset(roles)) == granted


@pytest.mark.parametrize(
    ("modules", "sentence"),
    [
        ([MAPS], "module maps requires land, which is not enabled"),
        ([replace(LAND, requires=("maps",)), MAPS], "requires itself in a circle"),
        ([replace(LAND, requires=("land",))], "module land requires itself in a circle"),
        ([LAND, replace(MAPS, prefixes=("plot",))], "modules land and maps both claim the prefix plot"),
        (
            [replace(LAND, permissions=[_permission("sea.read")])],
            "module land may not register the permission sea.read",
        ),
        (
            [replace(LAND, audit_events=[_event("landed.sold")])],
            "module land may not register the event landed.sold",
        ),
        (
            [replace(LAND, permissions=[_permission("land.read"), _permission("land.read")])],
            "the permission land.read is registered twice",
        ),
        (
            [replace(LAND, audit_events=[_event("plot.sold"), _event("plot.sold")])],
            "the event plot.sold is registered twice",
        ),
        (
            [replace(LAND, permissions=[_permission("plot.sell", "system_admin")])],
            "module land gives plot.sell to an administrator",
        ),
        (
            [LAND, replace(MAPS, subscriptions={"plot.lost": "maps.redraw"})],
            "module maps subscribes to the unknown event plot.lost",
        ),
    ],
)
def test_a_set_that_does_not_fit_is_refused(modules: list[Module], sentence: str) -> None:
    with pytest.raises(ModuleError) as refusal:
        build_registry(modules)

    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_module_that_is_not_installed_is_refused() -> None:
    with pytest.raises(ModuleError, match="no installed module is called treasure"):
        discover(["identity", "treasure"])


def test_only_the_enabled_modules_are_loaded() -> None:
    registry = discover(["web", "notify", "audit", "identity"])

    assert {module.name for module in registry.modules} == {"identity", "audit", "notify", "web"}


def test_a_module_cannot_be_changed_once_it_is_made() -> None:
    with pytest.raises(AttributeError):
        LAND.name = "sea"  # type: ignore[misc]
