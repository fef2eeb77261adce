"""Every field of the log names a person, is free text, or is neither: each was judged, and the first are marked."""

from __future__ import annotations

import re

from logged import logged, unread

from govcore.module import Registry

PERSONAL = frozenset(
    {
        "address",
        "entrant",
        "expert_id",
        "keeper",
        "keeper_id",
        "members",
        "operators",
        "person",
        "second",
        "user",
        "user_id",
    }
)
"""Tells who somebody is: an account, an entry of the pool, an operator, or where somebody sat."""

_FREE = "answer notice own_word reason reasons representatives said text title why words"
FREE = frozenset(_FREE.split())
"""Typed by people, who may name others in it; an auditor erases such an entry when they did."""

_PLAIN = """
    about act addressee advice_id after amount_fen answer_by at authority basis before began begins bid
    bid_id bidder bids bids_root blobs booking bundle_sha256 by calendar candidates capacity category
    cause cert_sha256 certificate changed channel checks clock code code_field codes content
    content_sha256 contract_sha256 corrected_fen counted cp_root cp_size custodian days deadline
    decided_at department dissents document documents due due_at duties eligible_count ended ends_at
    entries evaluation evidence_sha256 failed fault fields file firms for form found_sha256 from gate grade ground
    have holder how id_kind instant into invitation issues item kek kept_until key key_manifest_sha256 keyid keys
    kind leader leaf left letter_sha256 level licence_sha256 log_size lot lot_id made_at manifest
    manifest_sha256 manifests medium meets_at method misconduct moved n name need needed networks new node
    notice_sha256 now number object objection objects old on opened opening
    opening_at opens order org organ organisation
    outcome paper paper_sha256 part parts passed pdf pdf_sha256 picture prober programs proposed
    provider purpose question_sha256 quota ranking read_fen receipt recipient record_sha256 recovered
    refused release_sha256 report_sha256 request result_sha256 revoked roles room round route rule
    rule_set rule_set_version sample_sha256 schedule_sha256 scope scopes seal sealed sealed_sha256 seat
    seconds seen_at seq sessions sha256 sheet_sha256 short_name side sign_in signed since stamp state
    stops strong supersedes surface tables tender tender_closed_sha256 tender_id terms_sha256 threat token
    touches_bids unit units until uscc use value verdicts version void votes wanted was what window
    whole winner wrapped_sha256 year zh zip_sha256
    affects bad channels commitment conduct contributors count decided_on decision event first_day hold id
    interest_fen kept_back last_day late late_fee_fen organisation permission proof rectified rectify_days request_id
    reveal review_days revisit_days seed serial session source subject total verify_days
    commit_until exclusions_hash k pool_hash quotas_hash recipients reveal_until revisit_satisfaction_percent
    booking_id case_id certificate_id claim_id clarification_id clue_id debarment_id delegation_id deposit_id
    document_id draft_id draw_id evidence_id file_id invitation_id item_id letter_id lot_id misconduct_id mock_id
    notice_id object_id objection_id org_id package_id passkey_id project_id proposal_id provider_id rating_id
    seal_id session_id token_id unit_id upload_id use_id
    dissenting silent envelope_sha256 held_to_agree statement_sha256 fen sealed_sha256
"""
PLAIN = frozenset(_PLAIN.split())
"""Cases, papers, organisations, times, numbers, hashes, states."""

NAMED_ELSEWHERE = {
    ("govcore/audit/erasing.py", "second"): {"audit.erased"},
    ("govcore/organisations/delegations.py", "user"): {
        "delegation.granted",
        "delegation.laid_down",
        "delegation.revoked",
        "delegation.taken_up",
    },
    ("govcore/setup.py", "operators"): {"module.upgraded_at_risk"},
    ("govcore/upkeep/backups.py", "operators"): {"backup.restored"},
    ("trading/evaluation/again.py", "second"): {"evaluation.round_begun"},
    ("trading/experts/service.py", "user"): {"experts.entered"},
    **{
        (file, name): events
        for file, events in {
            "govcore/audit/reads.py": {"audit.supervisor_read"},
            "govcore/audit/refusals.py": {"audit.bidder_refused", "audit.refused"},
        }.items()
        for name in ("expert_id", "keeper_id", "user_id")
    },
    ("govcore/authority/service.py", "user_id"): {"authority.role_given", "authority.role_taken"},
}
"""Personal fields of events whose name a variable holds where they are written."""


HANDED_ON = {
    ("govcore/notify/following.py", "write_to"),
    ("guarantees/service.py", "_apply"),
    ("trading/challenge/complaints.py", "_say"),
    ("trading/challenge/entries.py", "say"),
    ("trading/draws/moves.py", "log"),
    ("trading/draws/moves.py", "move"),
    ("trading/opening/hall.py", "announce"),
}
"""Functions that log what their callers give them as `data`, which is read there, or that log nothing."""

FROM_ROUTES = {("govcore/audit/reads.py", "note_read"), ("govcore/audit/refusals.py", "note_refused")}
"""Log the ids in the address that was asked for: the parameters of all routes are their fields."""


def ids_in_addresses(registry: Registry) -> set[str]:
    paths = (path for module in registry.modules for route in module.routes for path in route.paths)
    return {name for path in paths for name in re.findall(r"\{(\w+_id):", path)}


def test_the_names_of_all_fields_follow_from_the_source() -> None:
    assert unread() == HANDED_ON | FROM_ROUTES


def test_every_field_of_an_event_was_judged_and_none_twice(registry: Registry) -> None:
    """A new name stands in one of the three sets: whoever adds it says whether it tells who somebody is."""
    written = {one.field for one in logged()} | ids_in_addresses(registry)

    assert sorted(written - PERSONAL - FREE - PLAIN) == []
    assert sorted((PERSONAL & FREE) | (PERSONAL & PLAIN) | (FREE & PLAIN)) == []


def test_what_tells_who_somebody_is_is_marked_where_the_event_is_registered(registry: Registry) -> None:
    found = [one for one in logged() if one.field in PERSONAL]
    written = {(event, one.field) for one in found for event in {one.event} - {""}}
    written |= {(event, field) for (_, field), events in NAMED_ELSEWHERE.items() for event in events}

    in_addresses = {(file, name) for file, _ in FROM_ROUTES for name in ids_in_addresses(registry) & PERSONAL}
    assert {(one.file, one.field) for one in found if not one.event} | in_addresses == NAMED_ELSEWHERE.keys()
    assert sorted((event, f) for event, f in written if f not in registry.events[event].personal) == []
    assert len(written) > 15


def test_the_log_that_never_forgets_names_nobody(registry: Registry) -> None:
    public = {one.name for one in registry.events.values() if one.public}

    assert sorted(one.name for one in registry.events.values() if one.public and one.personal) == []
    assert (
        sorted(
            {(one.event, one.field) for one in logged() if one.event in public}
            & {(event, field) for event in public for field in PERSONAL}
        )
        == []
    )
