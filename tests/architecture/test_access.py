"""Doors reach objects only through queries that know who asks, or that tell what everybody may know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "guarantees", "trading", "bureau")

PUBLISHED = "exists only for what is published, and tells what everybody may know"
CHECKED = "the door has asked a query with the actor for the object that it belongs to"
OWN = "the person or organisation it is asked for is the actor's own"
PROVED = "the person has just proved to be this one"
OFFICE = "the register of people and offices, for whoever the route's permission lets in"

WITHOUT_ACTOR = {
    "govcore.identity.queries.actor_of_user": OWN,
    "govcore.identity.queries.organisation": OFFICE,
    "govcore.identity.queries.person_of": PROVED,
    "govcore.identity.queries.username_of": OWN,
    "govcore.notify.queries.reach_of": OWN,
    "govcore.organisations.unit_queries.changes": OFFICE,
    "govcore.organisations.unit_queries.placement_of": OFFICE,
    "govcore.seals.queries.is_keeper": OWN,
    "govcore.seals.queries.seal_of_picture": PUBLISHED,
    "trading.award.queries.public_notice": PUBLISHED,
    "trading.award.queries.standing": PUBLISHED,
    "trading.draws.queries.published_document": PUBLISHED,
    "trading.bidding.queries.consents": OWN,
    "trading.venue.queries.bookings_of": OFFICE,
    "trading.debarment.queries.one": PUBLISHED,
    "trading.challenge.queries.published_cases": PUBLISHED,
    "trading.bidding.queries.has_piece": CHECKED,
    "trading.bidding.queries.owner_tag": OWN,
    "trading.bidding.queries.pieces_of": CHECKED,
    "trading.clarification.queries.asking_window": PUBLISHED,
    "trading.clarification.queries.paper_of": PUBLISHED,
    "trading.clarification.queries.published_tender": PUBLISHED,
    "trading.clarification.queries.released": PUBLISHED,
    "trading.clarification.queries.released_clarification": PUBLISHED,
    "trading.documents.queries.envelope_of": PUBLISHED,
    "trading.documents.queries.manifest": PUBLISHED,
    "trading.notices.queries.notice": PUBLISHED,
    "trading.notices.queries.notice_row": PUBLISHED,
    "trading.notices.queries.notices_of": PUBLISHED,
    "trading.evaluation.bundle_queries.published": PUBLISHED,
    "trading.extension.queries.certificate": PUBLISHED,
    "trading.extension.queries.certificates": PUBLISHED,
    "trading.extension.queries.facts": PUBLISHED,
    "trading.opening.hall_queries.hall_and_floor": PUBLISHED,
    "trading.opening.hall_queries.record_of": PUBLISHED,
    "trading.opening.queries.hall": PUBLISHED,
    "trading.opening.queries.manifest_of": PUBLISHED,
    "trading.opening.queries.noted_outage": CHECKED,
    "trading.opening.queries.public_part": PUBLISHED,
    "trading.opening.queries.record_key": PUBLISHED,
    "trading.tender.queries.documents_of": CHECKED,
    "trading.tender.queries.key_manifest": CHECKED,
    "trading.tender.queries.key_manifest_body": CHECKED,
    "trading.tender.queries.lot_context": CHECKED,
    "trading.tender.queries.lots_of": CHECKED,
    "trading.tender.queries.present_schedule": CHECKED,
    "trading.tender.queries.published_lot": PUBLISHED,
    "bureau.ratings.queries.terms_of": PUBLISHED,
}
"""Queries that doors call with an object's id and without the actor, each with its reason."""


def takes_an_object_but_no_actor(function: ast.FunctionDef) -> bool:
    names = [argument.arg for argument in function.args.args + function.args.kwonlyargs]
    return any(name.endswith("_id") for name in names) and "actor" not in names


def blind_queries() -> set[str]:
    """`trading.tender.queries.lots_of` and the like: public functions that take an id and not the actor."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).glob("**/*queries.py"):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    found |= {f"{module}.{node.name}"} if takes_an_object_but_no_actor(node) else set()
    return found


def doors() -> Iterator[tuple[Path, ast.Module]]:
    """The files with route handlers."""
    for package in PACKAGES:
        for path in (ROOT / package).glob("**/*.py"):
            tree = ast.parse(path.read_text())
            routed = {"get", "post", "put", "patch", "delete"}
            if any(
                isinstance(node, ast.ImportFrom)
                and node.module == "litestar"
                and routed & {alias.name for alias in node.names}
                for node in tree.body
            ):
                yield path, tree


def called(tree: ast.Module) -> set[str]:
    """The full names of what a file calls of the modules that it imports."""
    known = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            names.add(f"{known[node.value.id]}.{node.attr}")
        elif isinstance(node, ast.Name) and node.id in known:
            names.add(known[node.id])
    return names


def test_doors_read_objects_only_for_their_actor() -> None:
    blind = blind_queries()
    used = {name for _, tree in doors() for name in called(tree) & blind}

    assert len(list(doors())) > 20
    assert sorted(used - WITHOUT_ACTOR.keys()) == []
    assert sorted(WITHOUT_ACTOR.keys() - used) == []
