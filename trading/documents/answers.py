"""What an agency has answered so far for a tender it is writing, and the documents that the answers make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from bidding_docs.summary import Field, Form
from govcore.errors import Detail, Problem
from trading.documents.evaluation_answers import Answers, EvaluationAnswers, evaluation_content
from trading.documents.making import Maker, Wrong
from trading.documents.schemas import Bill, LotExtras, NewDocuments
from trading.procedure.page_terms import terms_of
from trading.procedure.rules import rule_sets
from trading.tender.schemas import BRAND, DISCOUNT, NAMED_FIELDS

MIB = 1 << 20
BLIND_TYPES = ("pdf",)
"""What is judged blind is read as a copy without traces of its author, and only a PDF can be cleaned so."""

STEPS = ("basis", "lots", "scoring", "price", "form", "terms", "parts")
"""The pages of a draft, in their order; each asks for one subject."""


class LotAnswer(Answers):
    name: str = ""
    estimate: str = ""
    max_price: str = ""
    deposit: str = ""
    bill: Bill | None = None


class FieldAnswer(Answers):
    label: str = ""
    kind: str = "text"


class PartAnswer(Answers):
    label: str = ""
    megabytes: str = ""
    types: str = ""
    blind: str = ""


class DraftAnswers(EvaluationAnswers):
    """All answers of a draft. The price and the deposit have their own places; tables hold the rest."""

    title: str = ""
    procures: str = "works"
    scope: str = ""
    location: str = ""
    funds: str = ""
    qualification: str = ""
    contact: str = ""
    policies: str = ""
    consortium: bool = False
    centre_id: str = ""
    method: str = "open"
    previous: list[str] = msgspec.field(default_factory=list)
    lots: list[LotAnswer] = msgspec.field(default_factory=list)
    price_type: str = "total"
    two_envelopes: bool = False
    technical_min: str = ""
    core_product: str = ""
    fields: list[FieldAnswer] = msgspec.field(default_factory=list)
    duration_days: str = ""
    validity_days: str = ""
    deposit_validity_days: str = ""
    available_days: str = ""
    deposit_forms: list[str] = msgspec.field(default_factory=list)
    parts: list[PartAnswer] = msgspec.field(default_factory=list)

    @property
    def terms(self) -> Mapping[str, str]:
        """What pages about this draft call people and things."""
        rules = rule_sets().get(self.rule_set)
        return terms_of(rules.regime, self.procedure) if rules else {}


class NotYet(Problem):
    """The answers do not make documents yet."""

    code = "E_DRAFT"
    status = 422
    text = "The draft is not whole yet: {detail}"

    def __init__(self, wrong: list[Wrong]) -> None:
        super().__init__(detail=wrong[0].detail)
        self.wrong = wrong


BRAND_LABEL = "核心产品（{product}）品牌"
BRAND_MAX = 40
_SUMMARY = Field(id="price_fen", label="投标总价（元）", kind="money")
_DISCOUNT = Field(id=DISCOUNT, label="下浮率（万分之）", kind="integer", max=10_000)


def assemble(answers: DraftAnswers, *, project_id: str, tenderer_id: str, regulator_id: str) -> NewDocuments:
    """The documents that the answers make; raise `NotYet` naming every answer that is missing or does not fit."""
    maker = _Maker(answers)
    content = maker.content()
    lots = maker.lots()
    for step, name, text in (("basis", "title", answers.title), ("basis", "centre_id", answers.centre_id)):
        maker.need(step, name, text)
    if answers.prequalifies and (answers.method != "open" or len(answers.lots) != 1):
        maker.add("basis", "prequalifies", Detail("A prequalification has one lot and is open to everybody."))
    if answers.procedure == "consultation" and answers.two_envelopes:
        maker.add("form", "two_envelopes", Detail("In a consultation all parts of a response open at once."))
    if maker.wrong:
        raise NotYet(maker.wrong)
    seats = (("centre", answers.centre_id), ("tenderer", tenderer_id), ("regulator", regulator_id))
    made = {
        "project_id": project_id,
        "title": answers.title.strip(),
        "rule_set": answers.rule_set,
        "content": content,
        "lots": lots,
        "custodians": [{"role": role, "org_id": org} for role, org in seats],
        "method": answers.method,
        "previous": answers.previous,
    }
    try:
        new = msgspec.convert(made, NewDocuments)
    except msgspec.ValidationError as error:
        raise NotYet(
            [Wrong("basis", "title", Detail("it is not of the documented form: {why}", why=str(error)))]
        ) from None
    extras = {
        str(number): LotExtras(estimate_fen=maker.money_of(lot.estimate), bill=lot.bill)
        for number, lot in enumerate(answers.lots, 1)
    }
    return msgspec.structs.replace(new, extras=extras)


class _Maker(Maker):
    """Turns a draft's answers into content."""

    def __init__(self, answers: DraftAnswers) -> None:
        super().__init__()
        self._answers = answers

    def content(self) -> dict[str, Any]:
        a = self._answers
        names = ("scope", "location", "funds", "qualification", "contact")
        texts = {name: self.need("basis", name, getattr(a, name)) for name in names}
        forms = self._forms()
        made: dict[str, Any] = {
            **texts,
            "consortium": a.consortium,
            "prequalifies": a.prequalifies,
            "policies": [line.strip() for line in a.policies.splitlines() if line.strip()],
            "procures": a.procures,
            "duration_days": self.whole("terms", "duration_days", a.duration_days),
            "validity_days": self.whole("terms", "validity_days", a.validity_days),
            **evaluation_content(a, self),
            "price_type": a.price_type,
            "parts": self._parts(),
            "deposit_forms": a.deposit_forms,
            **{part: msgspec.to_builtins(form) for part, form in forms.items()},
        }
        if not a.deposit_forms:
            self.add("terms", "deposit_forms", Detail("Choose at least one form of deposit."))
        for name in ("deposit_validity_days", "available_days"):
            if getattr(a, name).strip():
                made[name] = self.whole("terms", name, getattr(a, name))
        if a.two_envelopes and a.technical_min.strip():
            made["technical_min"] = self.whole("form", "technical_min", a.technical_min)
        return made

    @property
    def _consults(self) -> bool:
        """Nothing of a response is read out (财库〔2014〕214号 art. 19)."""
        return self._answers.procedure == "consultation"

    def lots(self) -> list[dict[str, Any]]:
        if not self._answers.lots:
            self.add("lots", "name-1", Detail("A tender has at least one lot."))
        made = []
        for n, lot in enumerate(self._answers.lots, 1):
            if lot.estimate.strip():
                self.fen("lots", f"estimate-{n}", lot.estimate)
            made.append(
                {
                    "name": self.need("lots", f"name-{n}", lot.name),
                    "max_price_fen": self.fen("lots", f"max_price-{n}", lot.max_price),
                    "deposit_fen": self.fen("lots", f"deposit-{n}", lot.deposit),
                }
            )
        return made

    def _forms(self) -> dict[str, Form]:
        """The opening summary, and in two envelopes the price form; the price stands where its envelope opens."""
        total = msgspec.structs.replace(_SUMMARY, label="报价（元）") if self._consults else _SUMMARY
        price = (total, _DISCOUNT) if self._answers.price_type == "discount" else (total,)
        others = (*self._brand(), *self._asked())
        if self._answers.prequalifies:
            if not others:
                self.add("form", "label-1", Detail("An application answers at least one question."))
            return {"form": Form(fields=others)}
        if not self._answers.two_envelopes:
            return {"form": Form(fields=(*price, *others))}
        if not others:
            self.add("form", "label-1", Detail("In two envelopes the first form asks something too."))
        return {"form": Form(fields=others), "price_form": Form(fields=price)}

    def _brand(self) -> Iterator[Field]:
        """In a purchase with a core product each bidder names the brand that it offers (87号令 art. 31)."""
        product = self._answers.core_product.strip()
        if product and not self._answers.prequalifies:
            label = BRAND_LABEL.format(product=product)
            yield Field(id=BRAND, label=label, kind="text", max=BRAND_MAX)

    def _asked(self) -> Iterator[Field]:
        for n, one in enumerate(self._answers.fields, 1):
            label = self.need("form", f"label-{n}", one.label)
            if one.kind in NAMED_FIELDS:
                if any(one.kind == other.kind for other in self._answers.fields[: n - 1]):
                    self.add("form", f"label-{n}", Detail("This is asked in another line already."))
                kind, most = NAMED_FIELDS[one.kind]
                yield Field(id=one.kind, label=label, kind=kind, max=most)
            else:
                typed: Literal["text", "integer", "date"] = (
                    "integer" if one.kind == "integer" else "date" if one.kind == "date" else "text"
                )
                yield Field(id=f"f{n}", label=label, kind=typed)

    def _parts(self) -> list[dict[str, Any]]:
        """The parts that every bid has, then the agency's own; all limits are told before anybody chooses files."""
        summary, deposit = ("报价一览表", "磋商保证金") if self._consults else ("开标一览表", "投标保证金")
        made: list[dict[str, Any]] = [
            {
                "id": "summary",
                "label": summary,
                "max_size": MIB,
                "public": not self._consults,
                "max_files": 1,
            },
            {"id": "deposit", "label": deposit, "max_size": 8 * MIB},
        ]
        if self._answers.prequalifies:
            made = [{"id": "summary", "label": "资格预审申请表", "max_size": MIB, "max_files": 1}]
        elif self._answers.two_envelopes:
            later = {"label": "报价文件", "max_size": 256 * MIB, "public": True, "opens": "technical-fixed"}
            made.append({"id": "price", **later})
        for n, part in enumerate(self._answers.parts, 1):
            types = BLIND_TYPES if part.blind else tuple(re.findall(r"[a-z0-9]{1,8}", part.types.lower()))
            size = self.whole("parts", f"megabytes-{n}", part.megabytes) * MIB
            label = self.need("parts", f"label-{n}", part.label)
            made.append(
                {"id": f"p{n}", "label": label, "max_size": size, "types": types, "blind": bool(part.blind)}
            )
        return made
