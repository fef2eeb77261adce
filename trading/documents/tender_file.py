"""The machine-readable tender file: what the notice and the book say, for programs, in the words of OCDS."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from bidding_docs.encoding import Digest
from bidding_docs.summary import Form
from govcore.db import Tx
from trading.documents.manifests import canonical
from trading.documents.models import Version
from trading.documents.schemas import FileEntry, Terms
from trading.tender import queries as tenders
from trading.tender.evaluation_file import EvaluationFile
from trading.tender.evaluation_file import compose as evaluation
from trading.tender.queries import LotContext, OrgRef
from trading.tender.schemas import Criterion, PartRule, PriceRule

NAME = "tender.json"
SCHEMA = "/schemas/tender-1.json"


class Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Part of the tender file; members in camelCase as in OCDS, money in fen, moments in UTC and whole seconds."""


class Identifier(Closed, frozen=True):
    scheme: Literal["CN-USCC"]
    id: str


class Party(Closed, frozen=True):
    name: str
    identifier: Identifier
    roles: list[Literal["buyer", "procuringEntity", "reviewBody"]]


class Period(Closed, frozen=True):
    start_date: datetime
    end_date: datetime | None


class Money(Closed, frozen=True):
    amount_fen: int
    currency: Literal["CNY"] = "CNY"


class Item(Closed, frozen=True):
    """A line of the bill of quantities."""

    id: str
    section: str
    description: str
    feature: str
    unit: str
    quantity: str
    unit_price_limit: Money | None


class LotFile(Closed, frozen=True):
    """A lot; the key manifest is what bids are sealed to, `evaluation` how they are scored (`evaluation/1`)."""

    id: str
    number: int
    code: str
    title: str
    value: Money | None
    maximum_price: Money
    deposit: Money
    tender_period: Period
    key_manifest_sha256: Digest | None
    items: list[Item]
    evaluation: EvaluationFile | None


class Rules(Closed, frozen=True):
    """The rule set that the round is pinned to."""

    id: str
    version: str
    lawful: bool


class TenderPart(Closed, frozen=True):
    id: str
    code: str
    round: int
    title: str
    description: str
    main_procurement_category: Literal["works", "goods", "services"]
    delivery_address: str
    eligibility_criteria: str
    bid_validity_days: int
    deposit_validity_days: int
    contract_period_days: int
    consortium: bool
    price_type: str
    deposit_forms: list[str]
    technical_minimum: int | None
    lots: list[LotFile]
    criteria: list[Criterion]
    price_rule: PriceRule
    committee_leader: Literal["elected", "named"]
    parts: list[PartRule]
    forms: dict[str, Form]
    suite: str
    documents: list[FileEntry]


class TenderFile(Closed, frozen=True):
    """The whole file; its hash is in the version's signed manifest."""

    schema: str
    version: int
    date: datetime
    language: Literal["zh"]
    rules: Rules
    parties: list[Party]
    tender: TenderPart


def json_schema() -> dict[str, object]:
    """The JSON Schema (2020-12) of the tender file."""
    schema = msgspec.json.schema(TenderFile, ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, **schema}


def compose(tx: Tx, context: LotContext, version: Version, terms: Terms, *, at: datetime) -> bytes:
    """The exact bytes of a version's tender file, at its publication."""
    published = (context.published_at or at).replace(microsecond=0)
    file = TenderFile(
        schema=SCHEMA,
        version=version.number,
        date=at.replace(microsecond=0),
        language="zh",
        rules=_rules(context),
        parties=[
            _party(context.tenderer, "buyer"),
            _party(context.agency, "procuringEntity"),
            _party(context.regulator, "reviewBody"),
        ],
        tender=_tender(tx, context, version, terms, published),
    )
    return canonical(file)


def _rules(context: LotContext) -> Rules:
    rules = context.rule_set
    return Rules(id=rules.id, version=rules.version, lawful=rules.lawful)


def _party(organisation: OrgRef, role: Literal["buyer", "procuringEntity", "reviewBody"]) -> Party:
    return Party(organisation.name, Identifier("CN-USCC", organisation.uscc), [role])


def _tender(tx: Tx, context: LotContext, version: Version, terms: Terms, published: datetime) -> TenderPart:
    content = terms.content
    return TenderPart(
        id=context.tender_id,
        code=context.tender_code,
        round=context.round,
        title=terms.title,
        description=content.scope,
        main_procurement_category=content.procures,
        delivery_address=content.location,
        eligibility_criteria=content.qualification,
        bid_validity_days=content.validity_days,
        deposit_validity_days=content.deposit_days,
        contract_period_days=content.duration_days,
        consortium=content.consortium,
        price_type=content.price_type,
        deposit_forms=list(content.deposit_forms),
        technical_minimum=content.technical_min,
        lots=_lots(tx, context, terms, published),
        criteria=content.criteria,
        price_rule=content.price,
        committee_leader=content.leader,
        parts=content.parts,
        forms=content.forms(),
        suite=content.suite,
        documents=[msgspec.convert(file, FileEntry) for file in version.files],
    )


def _lots(tx: Tx, context: LotContext, terms: Terms, published: datetime) -> list[LotFile]:
    rows = {row.number: row for row in tenders.lots_of(tx, context.tender_id)}
    return [
        LotFile(
            id=rows[lot.number].id,
            number=lot.number,
            code=rows[lot.number].code,
            title=lot.name,
            value=None if lot.estimate_fen is None else Money(lot.estimate_fen),
            maximum_price=Money(lot.max_price_fen),
            deposit=Money(lot.deposit_fen),
            tender_period=Period(published, rows[lot.number].deadline_at),
            key_manifest_sha256=rows[lot.number].key_manifest_sha256,
            items=[
                Item(
                    id=line.code,
                    section=section.name,
                    description=line.name,
                    feature=line.feature,
                    unit=line.unit,
                    quantity=line.quantity,
                    unit_price_limit=None if line.limit_fen is None else Money(line.limit_fen),
                )
                for section in (lot.bill.sections if lot.bill else [])
                for line in section.lines
            ],
            evaluation=None
            if terms.content.prequalifies
            else evaluation(terms.content, context.rule_set, max_price_fen=lot.max_price_fen),
        )
        for lot in terms.lots
    ]
