"""What stands in the way of releasing documents: errors refuse, warnings ask for a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bidding_docs.summary import PRICE_PART, SUMMARY_PART
from govcore.errors import Detail, Problem
from govcore.pdf.figures import money
from trading.documents import forbidden
from trading.documents.findings import Finding, Place
from trading.documents.forbidden import Pattern
from trading.documents.limits import Limits
from trading.documents.schemas import LotTerms, Terms
from trading.documents.scoring_checks import scoring_findings
from trading.procedure.policy import Regime
from trading.procedure.thresholds import highest_deposit
from trading.tender.schemas import DISCOUNT

GUARANTEES = frozenset({"guarantee", "insurance", "surety"})


class DocumentsRefused(Problem):
    code = "E_DOCUMENTS"
    status = 422
    text = "The documents cannot be released: {rule} · {basis}. {what} {mend}"


class ReasonMissing(Problem):
    code = "E_REASON"
    status = 422
    text = "The documents cannot be released before their agency gives a reason: {rule} · {basis}. {what}"


def examine(terms: Terms, limits: Limits) -> list[Finding]:
    """All findings, errors first, in the order of the documents."""
    found = [
        *_lots(terms, limits),
        *_content(terms, limits),
        *scoring_findings(terms.content, limits),
        *_purchase(terms, limits),
        *_price_type(terms),
        *_texts(terms, limits),
    ]
    return sorted(found, key=lambda one: one.severity != "error")


def require_clean(findings: Sequence[Finding], reasons: Mapping[str, str]) -> None:
    """Raise for the first error, or the first warning that has no reason."""
    for one in findings:
        told = {"rule": one.rule, "basis": one.basis, "what": one.what}
        if one.severity == "error":
            raise DocumentsRefused(**told, mend=one.mend)
        if not reasons.get(one.key, "").strip():
            raise ReasonMissing(**told)


def _lots(terms: Terms, limits: Limits) -> Iterator[Finding]:
    for lot in terms.lots:
        place = ("lots", str(lot.number))
        yield from _deposit(lot, limits, (*place, "deposit_fen"))
        if lot.estimate_fen is not None and lot.max_price_fen > lot.estimate_fen:
            yield Finding(
                rule="T33" if limits.regime is Regime.TB else "M87-12",
                basis="实施条例 art. 27"
                if limits.regime is Regime.TB
                else "政府采购货物和服务招标投标管理办法 art. 12",
                severity="warning" if limits.regime is Regime.TB else "error",
                place=(*place, "max_price_fen"),
                what=Detail("The maximum price is above the estimate or budget."),
                mend=Detail("Lower the maximum price, or correct the estimate."),
            )
        if terms.content.price_type == "unit" and lot.bill is None:
            yield Finding(
                rule="unit-prices",
                basis="实施条例 art. 23",
                severity="warning",
                place=(*place, "bill"),
                what=Detail("Unit prices are asked for, and there is no bill of quantities."),
                mend=Detail("Import the lot's bill of quantities."),
            )


def _deposit(lot: LotTerms, limits: Limits, place: Place) -> Iterator[Finding]:
    """The cap on deposits: a share of the estimate, of the maximum price where there is none, and a sum."""
    base, rules = lot.estimate_fen or lot.max_price_fen, limits.rules
    most = highest_deposit(rules, limits.subject, base)
    if lot.deposit_fen <= most:
        return
    what = Detail("The deposit is higher than the share of the estimate or budget that is allowed.")
    if limits.regime is Regime.GP:
        rule, basis = "G06", "政府采购法实施条例 art. 33"
    elif lot.deposit_fen > rules.share("T22") * base:
        rule, basis = "T22", "实施条例 art. 26"
    else:
        rule, basis = "T36", "工程建设项目施工招标投标办法 art. 37"
        what = Detail("The deposit is higher than the sum allowed.")
    yield Finding(
        rule=rule,
        basis=basis,
        severity="error",
        place=place,
        what=what,
        mend=Detail("Ask for at most {most} yuan.", most=money(most)),
        verified=limits.verified(rule),
    )


def _content(terms: Terms, limits: Limits) -> Iterator[Finding]:
    content = terms.content
    if not GUARANTEES & set(content.deposit_forms):
        yield Finding(
            rule="BH20",
            basis="优化营商环境条例 art. 25; 山东省优化营商环境条例 art. 15",
            severity="error",
            place=("content", "deposit_forms"),
            what=Detail("Guarantees are not accepted as deposits."),
            mend=Detail("Accept guarantees of banks and surety insurance too."),
        )
    if content.deposit_days != content.validity_days:
        yield Finding(
            rule="T22",
            basis="实施条例 art. 26",
            severity="error" if limits.regime is Regime.TB else "warning",
            place=("content", "deposit_validity_days"),
            what=Detail("Deposits are not valid as long as bids are."),
            mend=Detail("Make it {days} days, as long as bids stay valid.", days=content.validity_days),
        )
    if content.available_days is not None and content.available_days < limits.available_days_least:
        yield Finding(
            rule="T02" if limits.regime is Regime.TB else "G02",
            basis="实施条例 art. 16"
            if limits.regime is Regime.TB
            else "政府采购货物和服务招标投标管理办法 art. 18",
            severity="error",
            place=("content", "available_days"),
            what=Detail("The documents are available for {days} days only.", days=content.available_days),
            mend=Detail("Make it at least {least}.", least=limits.available_days_least),
        )


def _purchase(terms: Terms, limits: Limits) -> Iterator[Finding]:
    """What the notice of a government purchase must say, and only the documents know."""
    if limits.regime is not Regime.GP:
        return
    basis = "政府采购货物和服务招标投标管理办法 art. 13"
    for lot in terms.lots:
        if lot.estimate_fen is None:
            yield Finding(
                rule="M87-13",
                basis=basis,
                severity="error",
                place=("lots", str(lot.number), "estimate_fen"),
                what=Detail("A purchase tells its budget."),
                mend=Detail("Give the budget of every lot."),
            )
    if not terms.content.policies:
        yield Finding(
            rule="M87-13",
            basis=basis,
            severity="error",
            place=("content", "policies"),
            what=Detail("A purchase tells which policies it carries out."),
            mend=Detail("Name them, or say that none applies and why."),
        )


def _price_type(terms: Terms) -> Iterator[Finding]:
    """A discount is asked beside the sum that it makes, in the same form, so that one cannot hide the other."""
    content = terms.content
    part = PRICE_PART if content.price_form is not None else SUMMARY_PART
    fields = {field.id: field for field in content.forms()[part].fields}
    asked = DISCOUNT in fields and fields[DISCOUNT].kind == "integer" and fields[DISCOUNT].max == 10_000
    if (content.price_type == "discount") != asked:
        yield Finding(
            rule="price-type",
            basis="电子招标投标办法 art. 29",
            severity="error",
            place=("content", "price_type"),
            what=Detail("The kind of price and the form of the bid do not fit."),
            mend=Detail(
                "A discount needs the whole number {field} up to 10000, other prices must not have it.",
                field=DISCOUNT,
            ),
        )


def _texts(terms: Terms, limits: Limits) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, text in _all_texts(terms):
        for pattern in forbidden.PATTERNS:
            if limits.regime not in pattern.severity or not _applies(pattern, place):
                continue
            for words in forbidden.find(pattern, text):
                finding = Finding(
                    rule=pattern.rule,
                    basis=pattern.basis[limits.regime],
                    severity=pattern.severity[limits.regime],
                    place=place,
                    what=pattern.what,
                    mend=pattern.mend,
                    words=words,
                )
                if finding.key not in seen:
                    seen.add(finding.key)
                    yield finding


def _applies(pattern: Pattern, place: Place) -> bool:
    """Scoring is judged where points are given; in a bill only brands are looked for."""
    if place[2:3] == ("bill",):
        return pattern.rule == "brand"
    return pattern.where == "everywhere" or place[:2] == ("content", "criteria")


def _all_texts(terms: Terms) -> Iterator[tuple[Place, str]]:
    """Every text of the documents that somebody wrote, with its place."""
    content = terms.content
    yield ("title",), terms.title
    for name in ("scope", "qualification"):
        yield ("content", name), getattr(content, name)
    for criterion in content.criteria:
        yield ("content", "criteria", criterion.id), criterion.label
        for item in criterion.items:
            place = ("content", "criteria", criterion.id, "items", item.id)
            yield place, f"{item.label}，{item.rule}"
            for band in item.bands:
                yield (*place, "bands", band.id), band.label
            for step in item.steps:
                yield (*place, "steps", step.id), step.label
    for gate in content.gates:
        yield ("content", "gates", gate.id), gate.label
    for part, form in content.forms().items():
        for field in form.fields:
            yield ("content", "form", part, field.id), field.label
    for lot in terms.lots:
        yield ("lots", str(lot.number), "name"), lot.name
        for line in lot.bill.lines if lot.bill else ():
            yield ("lots", str(lot.number), "bill", line.code), f"{line.name}，{line.feature}"
