"""Messages of the tender API, and the content that is approved and published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from bidding_docs.suites import SuiteId
from bidding_docs.summary import PRICE_PART, SUMMARY_PART, Form
from trading.procedure.competition import Ground, Stage, fewest
from trading.procedure.policy import Parameter, RuleSet
from trading.tender.criteria import (
    Abc,
    Adjustment,
    Draw,
    DrawK,
    DrawSubset,
    Gate,
    MixControl,
    Name,
    Points,
    PricePolicy,
    Scoring,
    Slug,
)
from trading.tender.criteria import Criterion as Criterion
from trading.tender.criteria import Item as Item
from trading.tender.criteria import PriceRule as PriceRule

Fen = Annotated[int, msgspec.Meta(gt=0, le=10**15)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
Policy = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


DISCOUNT = "discount_bp"
"""The field of a bid's form that holds a discount, in hundredths of a percent."""

BRAND = "brand"
"""The field that holds the core product's brand (核心产品, 87号令 art. 31)."""

DepositForm = Literal["transfer", "cheque", "guarantee", "insurance", "surety"]
DEPOSIT_FORMS: tuple[DepositForm, ...] = ("transfer", "guarantee", "insurance", "surety")
"""Bank transfer, guarantee of a bank, surety insurance, guarantee of a guarantee company."""


class PartRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sealed part of a bid: its limits, which are stated before bidding, and the stage that opens it.

    `max_size` is in bytes of ciphertext; `types` are the endings that its files may have, all when it is empty.
    """

    id: Slug
    label: Name
    max_size: Annotated[int, msgspec.Meta(gt=0)]
    public: bool = False
    max_files: Annotated[int, msgspec.Meta(gt=0, le=1000)] = 200
    types: tuple[Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]{1,8}$")], ...] = ()
    opens: Literal["opening", "technical-fixed"] = "opening"
    blind: bool = False
    """Judged without knowing whose it is (暗标): plain PDF files only, shown as copies without their makers."""


class DatedAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A site visit, a hand-in of samples or a demonstration: open to all, nobody has to come (ND1117)."""

    kind: Literal["visit", "samples", "demonstration"]
    place: Name
    starts_at: datetime
    ends_at: datetime
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


MAIN_PERSONS = ("legal_representative", "manager", "technical_lead")
"""Fields of a form, by their ids, that name a main person of who bids: its experts must avoid (招标投标法 art. 37)."""

NAMED_FIELDS: Mapping[str, tuple[Literal["text", "integer"], int]] = {
    "duration_days": ("integer", 10_000),
    "quality": ("text", 200),
    **dict.fromkeys(MAIN_PERSONS, ("text", 50)),
    "manager_certificate": ("text", 50),
}
"""Fields that later papers and checks look for by their ids: kind, and the largest number or the longest text."""


class TenderContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the notice and the documents say, as data; `suite` names the algorithms that seal the bids.

    In two envelopes (双信封) the part `price` opens once the technical result is fixed: it answers `price_form`, and
    only bids with `technical_min` points get so far. With `bidder_share` each bidder holds a share of its own keys.
    A price is a sum (`total`), a sum of unit prices (`unit`), or a discount beside the sum that it makes (`discount`).
    The documents are on the site for at least `available_days`; they are never taken off.
    Questions end with the day that lies `questions_end_days` before the deadline's, at the deadline for 0.
    `few_opened` says what happens when fewer than three bids can be opened; without it a rule does.
    With `prequalifies` the round takes applications for a prequalification, sealed like bids: no price and no points;
    the price rule and the lot's amounts then announce those of the tender that follows.
    `policies` are those that a government purchase carries out, each as one sentence of its notice; `price_policies`
    those of them that move prices. What bids must pass is in `gates`, and has no points.
    In a consultation (竞争性磋商) the first round takes the responses that are talked about; the round with `final`
    takes the final offers of those who remained, and only that one is scored (财库〔2014〕214号 art. 21, 23).
    The committee's `leader` is elected by its members or named by the tenderer (评标规定 art. 9); purchases elect.
    Its `ground` is the number of art. 3 that it is led by, and says how many suppliers are enough (`competition`).
    """

    scope: Text
    location: Name
    funds: Name
    qualification: Text
    contact: Name
    duration_days: Annotated[int, msgspec.Meta(gt=0)]
    validity_days: Annotated[int, msgspec.Meta(gt=0)]
    consortium: bool
    criteria: list[Criterion]
    price: PriceRule
    form: Form
    parts: list[PartRule]
    suite: SuiteId = "bs1"
    max_total: Annotated[int, msgspec.Meta(ge=0)] = 0

    @property
    def total_limit(self) -> int:
        """The largest bid in bytes of ciphertext; without a `max_total` every part may be as large as it may."""
        return self.max_total or sum(part.max_size for part in self.parts)

    price_form: Form | None = None
    technical_min: Points | None = None
    bidder_share: bool = False
    procures: Literal["works", "goods", "services"] = "works"
    price_type: Literal["total", "unit", "discount"] = "total"
    deposit_forms: Annotated[tuple[DepositForm, ...], msgspec.Meta(min_length=1)] = DEPOSIT_FORMS
    deposit_validity_days: Annotated[int, msgspec.Meta(gt=0)] | None = None
    available_days: Annotated[int, msgspec.Meta(gt=0)] | None = None
    questions_end_days: Annotated[int, msgspec.Meta(ge=0, le=60)] = 0
    acts: Annotated[list[DatedAct], msgspec.Meta(max_length=20)] = []
    few_opened: Literal["STOP_AND_RETENDER", "CONTINUE_TO_COMMITTEE"] | None = None
    prequalifies: bool = False
    policies: Annotated[list[Policy], msgspec.Meta(max_length=20)] = []
    procedure: Literal["tender", "consultation"] = "tender"
    ground: Ground | None = None
    final: bool = False
    gates: Annotated[list[Gate], msgspec.Meta(max_length=100)] = []
    price_policies: Annotated[list[PricePolicy], msgspec.Meta(max_length=20)] = []
    adjustments: Annotated[list[Adjustment], msgspec.Meta(max_length=20)] = []
    draws: Annotated[list[Draw], msgspec.Meta(max_length=10)] = []
    scoring: Scoring = Scoring()
    leader: Literal["elected", "named"] = "elected"

    @property
    def scored(self) -> bool:
        """Whether bids are compared by points; else the least evaluated price comes first."""
        return self.price.method != "lowest_evaluated"

    @property
    def priced(self) -> bool:
        """Whether prices have points."""
        return self.price.method not in ("fixed", "lowest_evaluated")

    @property
    def consults(self) -> bool:
        """Whether the group talks with who responded, and final offers follow."""
        return self.procedure == "consultation" and not self.final

    @property
    def ranks(self) -> bool:
        """Whether the bids of this round are scored and ranked: neither applications nor first responses are."""
        return not self.prequalifies and not self.consults

    @property
    def reads_out(self) -> bool:
        """Whether bidders and prices are read out to everybody: applications and responses never are."""
        return not self.prequalifies and self.procedure == "tender"

    @property
    def received(self) -> Stage:
        """What is counted at the deadline of this round, and again once it is open."""
        return Stage.FINAL if self.final else Stage.RECEIVED

    def least(self, rules: RuleSet, stage: Stage) -> Parameter:
        """The rule that says with how many suppliers a stage may go on."""
        return fewest(rules, stage, procedure=self.procedure, ground=self.ground)

    @property
    def draws_at_opening(self) -> bool:
        """Whether something is drawn at the opening: a coefficient, or bids by their tickets."""
        benchmark = self.price.benchmark
        inner = benchmark.inner if isinstance(benchmark, DrawK | MixControl) else benchmark
        return not self.prequalifies and (bool(self.draws) or isinstance(inner, Abc | DrawSubset))

    @property
    def deposit_days(self) -> int:
        """How long deposits stay valid; without a word of their own as long as bids."""
        return self.deposit_validity_days or self.validity_days

    def stages(self) -> list[str]:
        """The stages at which parts open, in the order of the parts."""
        return list(dict.fromkeys(part.opens for part in self.parts))

    def part(self, part_id: str) -> PartRule:
        """The rule of a part that this content has."""
        return next(part for part in self.parts if part.id == part_id)

    def forms(self) -> dict[str, Form]:
        """The form that a part's `summary.json` answers, by part."""
        price = {} if self.price_form is None else {PRICE_PART: self.price_form}
        return {SUMMARY_PART: self.form} | price


class NewLot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    max_price_fen: Fen
    deposit_fen: Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class Seat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A custodian's seat in the key manifest of every lot."""

    role: Literal["centre", "tenderer", "regulator"]
    org_id: str


class NewTender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A round of a tender; `previous` names the lots of the round before that its lots tender again, in their order."""

    project_id: str
    title: Name
    rule_set: str
    content: TenderContent
    lots: Annotated[list[NewLot], msgspec.Meta(min_length=1, max_length=50)]
    custodians: list[Seat]
    previous: list[str] = []
    method: Literal["open", "invited", "prequalified", "remained"] = "open"


class TenderCreated(msgspec.Struct):
    id: str
    code: str
    lots: list[str]


Blob = Annotated[bytes, msgspec.Meta(max_length=4096)]


class CustodianKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A custodian's one-time recipients for a lot, by stage, and the certificate that will sign.

    `blobs` are the same keys under the custodian's passphrase, for us to keep; who keeps its own sends none.
    """

    cert_sha256: str
    recipients: dict[Slug, str]
    blobs: dict[Slug, Blob] = {}
    client: Literal["cli", "hosted", "platform"] = "cli"


class KeptBlobs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same keys again, now with what was signed inside."""

    blobs: dict[Slug, Blob]


class OwnKey(msgspec.Struct, frozen=True):
    """One of a custodian's keys as only that custodian sees it."""

    opens: str
    recipient: str
    blob: bytes | None
    capsule: bytes | None
    answered: bool
    destroyed: bool


class OwnKeys(msgspec.Struct, frozen=True):
    """A custodian's seat in a lot, and its keys."""

    tender_id: str
    lot_id: str
    round: int
    custodian: int
    cert_sha256: str | None
    keys: list[OwnKey]


class RehearsalCapsule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A capsule for one custodian's key, and the hash of the answer that will be right."""

    custodian: int
    opens: Slug
    recipient: str
    capsule: Blob
    check_sha256: str


class Rehearsals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    capsules: Annotated[list[RehearsalCapsule], msgspec.Meta(min_length=1, max_length=64)]


class RehearsalShown(msgspec.Struct, frozen=True):
    """A custodian's key for the tenderer: who holds it, its recipient, and the signed answer once it is there."""

    tender_id: str
    round: int
    custodian: int
    cert_sha256: str
    opens: str
    recipient: str
    answer: str | None


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signature over a document's exact bytes by the certificate `keyid`."""

    keyid: str
    sig: str


class SignedMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A DSSE envelope as exact text."""

    envelope: Annotated[str, msgspec.Meta(max_length=16_000_000)]


class LotShown(msgspec.Struct):
    id: str
    number: int
    code: str
    name: str
    state: str
    max_price_fen: int
    deposit_fen: int
    deadline_at: datetime | None
    opening_at: datetime | None
    round: int


class DocumentShown(msgspec.Struct):
    id: str
    kind: str
    name: str
    size: int
    sha256: str
    href: str


class TenderShown(msgspec.Struct):
    id: str
    code: str
    title: str
    state: str
    rule_set: str
    lawful: bool
    project: str
    tenderer: str
    agency: str
    published_at: datetime | None
    content: TenderContent
    lots: list[LotShown]
    documents: list[DocumentShown]
