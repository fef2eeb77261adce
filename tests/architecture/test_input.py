"""What callers send is a closed shape that holds none of the server's own facts (ASVS 8.2.3, 15.3.3)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import platforms
import pytest
from apps import app_for
from litestar.enums import RequestEncodingType
from litestar.routes import HTTPRoute

from govcore.module import Registry

OWN = {
    *("id", "state", "status", "number", "wrapped", "password_hash"),
    *("role", "roles", "permissions", "org_id", "user_id", "actor", "at", "by"),
    *("created_at", "made_at", "recorded_at", "received_at", "published_at"),
    *("recorded_by", "signed_by", "decided_at", "decided_by", "approved_by"),
}
"""What the server alone decides: identity, state, rights, who and when."""

LABEL = "names a part of a document of its author's, no row"
CHOICE = "whom the author chooses; the service checks who may choose"

CALLERS = {
    "govcore.authority.role_pages.GiveForm.role": CHOICE,
    "govcore.authority.schemas.NewRole.permissions": CHOICE,
    "govcore.authority.schemas.RoleGiven.role": CHOICE,
    "govcore.organisations.claim_pages.AcceptForm.role": CHOICE,
    "govcore.organisations.schemas.Acceptance.role": CHOICE,
    "govcore.seals.pages.SealForm.org_id": CHOICE,
    "govcore.seals.schemas.Keeper.user_id": CHOICE,
    "govcore.seals.schemas.NewSeal.org_id": CHOICE,
    "trading.documents.schemas.LotTerms.number": LABEL,
    "trading.prequalification.pages.Invitees.number": LABEL,
    "trading.tender.schemas.Seat.org_id": CHOICE,
    "trading.tender.schemas.Seat.role": LABEL,
    "bidding_docs.summary.Field.id": LABEL,
    "trading.bidding.schemas.PartToSend.id": LABEL,
    "trading.tender.criteria.Adjustment.id": LABEL,
    "trading.tender.criteria.Band.id": LABEL,
    "trading.tender.criteria.Criterion.id": LABEL,
    "trading.tender.criteria.Draw.id": LABEL,
    "trading.tender.criteria.Gate.id": LABEL,
    "trading.tender.criteria.Item.id": LABEL,
    "trading.tender.criteria.PricePolicy.id": LABEL,
    "trading.tender.criteria.Step.id": LABEL,
    "trading.tender.schemas.PartRule.id": LABEL,
}
"""Fields that have such a name and are the caller's all the same."""

Structs = dict[str, msgspec.inspect.StructType]


@pytest.fixture(scope="module")
def bodies(
    registry: Registry, sqlite_databases: Callable[[bool], str], tmp_path_factory: pytest.TempPathFactory
) -> dict[RequestEncodingType, Structs]:
    """The structs that routes take, with those inside them, by the encoding of the body."""
    folder = tmp_path_factory.mktemp("input")
    platform = platforms.found(platforms.settings_for(sqlite_databases(True), folder / "data"))
    taken: dict[RequestEncodingType, Structs] = {}
    for route in app_for(platform).routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if (field := handler.parsed_data_field) and field.kwarg_definition:
                encoding = RequestEncodingType(field.kwarg_definition.media_type)
                taken.setdefault(encoding, {}).update(structs_in(field.annotation))
    platform.db.dispose()
    return taken


def structs_in(kind: object) -> Structs:
    found: Structs = {}
    waiting = [msgspec.inspect.type_info(kind)]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            name = f"{info.cls.__module__}.{info.cls.__qualname__}"
            waiting += [field.type for field in info.fields if name not in found]
            found[name] = info
        for inside in ("item_type", "item_types", "types", "key_type", "value_type"):
            part = getattr(info, inside, ())
            waiting += part if isinstance(part, tuple) else [part]
    return found


def test_no_message_of_the_api_takes_fields_that_it_does_not_know(
    bodies: dict[RequestEncodingType, Structs],
) -> None:
    messages = bodies[RequestEncodingType.JSON]

    assert sorted(name for name, info in messages.items() if not info.forbid_unknown_fields) == []
    assert len(messages) > 60


def test_neither_messages_nor_forms_hold_what_the_server_decides(
    bodies: dict[RequestEncodingType, Structs],
) -> None:
    taken = bodies[RequestEncodingType.JSON] | bodies[RequestEncodingType.URL_ENCODED]
    found = {
        f"{name}.{field.name}"
        for name, info in taken.items()
        for field in info.fields
        if {field.name, field.encode_name} & OWN
    }

    assert sorted(found - CALLERS.keys()) == []
    assert sorted(CALLERS.keys() - found) == []
