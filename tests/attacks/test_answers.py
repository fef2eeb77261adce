"""What the JSON API answers has no member that its description does not declare, and no secret (ASVS 8.2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from apps import app_for
from asking import NOTHING, Site, body_of
from routes import Asked, asked_of

from govcore.identity.queries import actor_of_user
from govcore.platform import Platform

Schema = dict[str, Any]

ENDLESS = {"/api/openings/{lot_id}/events", "/api/lots/{lot_id}/opening/stream"}
"""A stream ends with its reader."""

PEOPLE = 3
"""So many of those who have a route's right ask it."""

SECRET = re.compile(r"pass(word|phrase)|secret|token|wrapped|hash|(^|_)(kek|pin|nonce|salt)(_|$)|private")
DECLARED_SECRETS = {
    ("TokenMade", "token"): "its owner's new API token, shown once",
    (
        "EventOut",
        "nonce",
    ): "for auditors: without it nobody could tell that a leaf of the log holds this event",
}
OPEN = {
    "/api/delegations",
    "/api/lots/{lot_id}/objections",
    "/api/lots/{lot_id}/opening/objections",
    "/api/lots/{lot_id}/replacements",
    "/api/passkeys/challenge",
    "/api/passkeys/options",
    "/api/seals/{seal_id}/keepers",
    "/api/time",
}
"""Routes whose answer is a map of names that its description leaves open: options of the browser, ids, one moment."""

FIELDS_OF_A_NOTICE = ("GET /api/notices/{notice_id}", "/fields/")
"""What a published notice says differs by its kind; it is public from beginning to end."""

ENVELOPE = {"payload", "payloadType", "signatures"}
"""Signed files are declared as what they are, bytes, and hold these members and no others."""


@pytest.fixture
def described(platform: Platform) -> Schema:
    """The description of the API, as `/schema/openapi.json` serves it."""
    return app_for(platform).openapi_schema.to_schema()


def declared(described: Schema, asked: Asked, status: int) -> Schema | None:
    """The schema of the JSON that a route declares for this status; None when it declares none."""
    operation = described["paths"][asked.path][asked.method.lower()]
    content = operation["responses"].get(str(status), {}).get("content", {})
    schema: Schema | None = content.get("application/json", {}).get("schema")
    return schema


def resolved(described: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def undeclared(described: Schema, schema: Schema, value: Any, at: str = "") -> list[str]:
    """The places of the members that the schema does not name; of alternatives the one that fits best counts."""
    schema = resolved(described, schema)
    if ways := schema.get("oneOf") or schema.get("anyOf"):
        return min((undeclared(described, one, value, at) for one in ways), key=len)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [
            place for n, one in enumerate(value) for place in undeclared(described, items, one, f"{at}/{n}")
        ]
    if not isinstance(value, dict) or (schema.get("type") == "string" and value.keys() == ENVELOPE):
        return []
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    found = []
    for name, member in value.items():
        if name in known:
            found += undeclared(described, known[name], member, f"{at}/{name}")
        elif isinstance(others, dict):
            found += undeclared(described, others, member, f"{at}/{name}")
        else:
            found.append(f"{at}/{name}")
    return found


def open_maps(described: Schema, schema: Schema, seen: frozenset[str] = frozenset()) -> bool:
    """Whether an answer of this schema may hold members of any name, itself or in a list."""
    if "$ref" in schema:
        return False
    return "additionalProperties" in schema or any(
        open_maps(described, one) for one in [schema.get("items", {}), *schema.get("oneOf", [])] if one
    )


def answered(site: Site) -> Iterator[tuple[Asked, str]]:
    """Every route of the API with people who may ask it, reading before writing."""
    routes = [one for one in asked_of(site.scene.http.app) if one.path.startswith("/api/")]
    with site.scene.platform.db.read() as tx:
        actors = {name: actor_of_user(tx, name) for name in site.scene.city.tokens}
    site.tokens |= site.scene.city.tokens
    for asked in sorted(routes, key=lambda one: not one.safe):
        if asked.path in ENDLESS:
            continue
        site.ids = dict.fromkeys(asked.places, NOTHING) | site.ids
        public = asked.permission == "public"
        able = [name for name, actor in actors.items() if not public and actor.may(asked.permission)]
        for person in ["", *able[:1]] if public else able[:PEOPLE]:
            yield asked, person


@pytest.mark.parametrize("backend", ["sqlite"])
def test_no_answer_holds_a_member_that_its_description_does_not_declare(
    site: Site, described: Schema
) -> None:
    wrong, compared = [], set()
    for asked, person in answered(site):
        answer = site.ask(asked, person, **body_of(asked))
        if not 200 <= answer.status_code < 300 or answer.headers.get("content-type") != "application/json":
            continue
        schema = declared(described, asked, answer.status_code)
        if schema is None:
            wrong.append(f"{asked} declares no JSON for {answer.status_code}")
            continue
        for place in undeclared(described, schema, answer.json()):
            if not (str(asked) == FIELDS_OF_A_NOTICE[0] and place.startswith(FIELDS_OF_A_NOTICE[1])):
                wrong.append(f"{asked} as {person}: {place}")
        compared.add(str(asked))

    assert wrong == []
    assert len(compared) > 60


def test_an_undeclared_member_would_be_found() -> None:
    described: Schema = {
        "components": {
            "schemas": {
                "Inner": {"type": "object", "properties": {"a": {"type": "string"}}},
                "Outer": {
                    "type": "object",
                    "properties": {
                        "inner": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Inner"}]},
                        "many": {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}},
                    },
                },
            }
        }
    }
    answer = {"inner": {"a": "1", "b": "2"}, "many": [{"a": "1"}, {"c": "3"}], "d": 4}

    found = undeclared(described, {"$ref": "#/components/schemas/Outer"}, answer)

    assert found == ["/inner/b", "/many/1/c", "/d"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_only_listed_answers_are_open_maps(described: Schema) -> None:
    found = {
        path
        for path, operations in described["paths"].items()
        for operation in operations.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        if open_maps(described, content["schema"])
    }

    assert found == OPEN


@pytest.mark.parametrize("backend", ["sqlite"])
def test_no_answer_declares_a_secret(described: Schema) -> None:
    waiting = [
        content["schema"]
        for operations in described["paths"].values()
        for operation in operations.values()
        for status, response in operation["responses"].items()
        if status.startswith("2")
        for content in response.get("content", {}).values()
    ]
    told: set[str] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name and name not in told:
                told.add(name)
                waiting.append(described["components"]["schemas"][name])
            waiting += one.values()
    named = {
        (name, field)
        for name in told
        for field in described["components"]["schemas"][name].get("properties", {})
        if SECRET.search(field) and not field.endswith("sha256")
    }

    assert named == DECLARED_SECRETS.keys()
