"""Whatever is sent to the JSON API, by whoever may call it, is answered; it never breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from litestar import Litestar
from litestar.routes import HTTPRoute
from scene import Scene
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok

from govcore.identity.queries import actor_of_user

EXAMPLES = 5
ENDLESS = {"/api/openings/{lot_id}/events"}
"""A stream ends with its reader."""


@dataclass
class Callers:
    """Who of the scene may call a route, and the ids that exist."""

    scene: Scene
    permissions: dict[tuple[str, str], str | None]
    ids: dict[str, str]

    def of(self, method: str, path: str) -> list[str]:
        """A person with the route's permission, and a stranger; for public routes a visitor."""
        permission = self.permissions.get((method, path)) or "public"
        if permission == "public":
            return [""]
        with self.scene.platform.db.read() as tx:
            able = [name for name in self.scene.city.tokens if actor_of_user(tx, name).may(permission)]
        return [*able[:1], "stranger"]


@pytest.fixture
def callers(scene: Scene) -> Callers:
    app: Litestar = scene.http.app
    permissions = {
        (method, route.path_format): handler.opt.get("permission")
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    }
    return Callers(scene, permissions, {"lot_id": scene.lot, "tender_id": scene.city.tender_id})


def operations(app: Litestar) -> Iterator[APIOperation]:
    schema = schemathesis.openapi.from_asgi("/schema/openapi.json", app)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        yield found.ok()


# The fuzzer's own client leaves a stream of its event loop to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*MemoryObjectSendStream:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning")
@pytest.mark.parametrize("backend", ["sqlite"])
def test_no_call_of_the_api_ends_in_a_fault(callers: Callers) -> None:
    faults: list[str] = []
    asked: set[str] = set()
    for operation in operations(callers.scene.http.app):
        if operation.path in ENDLESS:
            continue
        faults += _faults(operation, callers)
        asked.add(operation.label)

    assert faults == []
    assert len(asked) > 100


def _faults(operation: APIOperation, callers: Callers) -> list[str]:
    """Each call is made by everybody: to think one up takes longer than to answer it."""
    found: list[str] = []
    people = callers.of(operation.method.upper(), operation.path)

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case) -> None:
        case.path_parameters |= {name: id for name, id in callers.ids.items() if name in case.path_parameters}
        for person in people:
            token = callers.scene.city.tokens.get(person, "")
            answer = case.call(headers={"cookie": f"session={token}", "accept": "application/json"})
            if answer.status_code >= 500:
                told = f"{operation.label} as {person or 'visitor'}: {case.body!r} -> {answer.text}"
                found.append(told[:400])

    ask()
    return found


def test_a_nul_in_an_address_or_a_text_is_malformed_and_breaks_nothing(callers: Callers) -> None:
    app: Litestar = callers.scene.http.app
    paths = {
        route.path_format: permission
        for route in app.routes
        if isinstance(route, HTTPRoute) and route.path_parameters and "GET" in route.methods
        for permission in [callers.permissions.get(("GET", route.path_format))]
        if not route.path_format.startswith(("/static", "/schema"))
    }
    faults = []
    for path in sorted(paths):
        person = callers.of("GET", path)[0] if paths[path] != "public" else ""
        address = re.sub(r"\{[^}]+\}", "%00", path)
        cookies = {"cookie": f"session={callers.scene.city.tokens.get(person, '')}"}
        if callers.scene.http.get(address, headers=cookies).status_code >= 500:
            faults.append(path)
    sign_in = callers.scene.http.post("/api/session", json={"username": "a\x00b", "password": "x" * 12})

    assert faults == []
    assert sign_in.status_code in (401, 422)
