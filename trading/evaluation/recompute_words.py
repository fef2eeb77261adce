"""What `trading evaluation verify` says about each check, in both languages; it loads no catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from trading.evaluation.recompute import Check

CHECKS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "digest": "the file is whole: {about}",
        "document": "{about} has the SHA-256 that the bundle names",
        "member": "computed again: {about}",
        "bid": "computed again, to the last digit: bid {about}",
        "differs": "in the bundle / computed: {about}",
        "refused": "the scoring refuses the documents: {about}",
        "malformed": "a document is not of the form its schema says: {about}",
        "bids": "the result names the {about} bids that were read out",
        "benchmark": "the benchmark follows from the prices read out and the values drawn: {about}",
        "price": "the points for the price of bid {about}",
        "allowed": "the price of bid {about} is above 0 and not above the maximum",
        "total": "the total can hold the points of the price: bid {about}",
        "ranks": "the {about} ranks are counted without gaps",
        "order": "the ranks follow from totals and prices",
        "valid": "{about} valid bids",
        "candidates": "the candidates are the first of the ranking: {about}",
        "corrections": "a price was corrected in the review; the corrected price is not public",
        "policies": "a policy of government procurement was granted; which and to whom is not public here",
        "adjustments": "a price was adjusted; by how much is not public",
        "sheets": "the members' sheets: only the full form holds them",
        "authority": "who certified the members' keys; compare with the site's, or give --authority: {about}",
        "certified": "the certificate was issued by that authority: {about}",
        "seats": "each of the {about} members is among the signatures",
        "sheet_signed": "the sheet was signed with the member's key: {about}",
        "sheet_proved": "the sheet was locked by a fresh proof of identity, which is the site's word: {about}",
        "report_signed": "report, result and dissent were signed with the member's key: {about}",
        "report_proved": "the report was signed by a fresh proof of identity, which is the site's word: {about}",
        "report_silent": "did not sign the report, and is held to agree: {about}",
    },
    "zh": {
        "digest": "文件完整：{about}",
        "document": "{about} 的 SHA-256 与包内所列一致",
        "member": "重新计算：{about}",
        "bid": "重新计算，逐位核对：投标 {about}",
        "differs": "包内的值 / 重算的值：{about}",
        "refused": "评分程序拒绝这些文件：{about}",
        "malformed": "文件不符合其格式：{about}",
        "bids": "结果列出了唱标的全部 {about} 份投标",
        "benchmark": "评标基准价由唱标价和抽取值算出：{about}",
        "price": "投标 {about} 的报价得分",
        "allowed": "投标 {about} 的报价大于 0 且不高于最高限价",
        "total": "总分与报价得分相容：投标 {about}",
        "ranks": "{about} 个名次连续无缺",
        "order": "名次与总分、报价相符",
        "valid": "有效投标 {about} 份",
        "candidates": "候选人为排名最前者：{about}",
        "corrections": "评审中有报价经算术修正；修正后的报价不公开",
        "policies": "有投标享受政府采购政策优惠；具体情况此处不公开",
        "adjustments": "有报价经量化调整；调整数额不公开",
        "sheets": "评委评分表：仅完整版包含",
        "authority": "签发成员证书的登记机构，请与网站公布的比对，或者用 --authority 给出：{about}",
        "certified": "证书由该登记机构签发：{about}",
        "seats": "{about} 名成员均列入签署情况",
        "sheet_signed": "评分表由成员私钥签名：{about}",
        "sheet_proved": "评分表以重新验证身份锁定，由平台记录：{about}",
        "report_signed": "报告、结果和不同意见由成员私钥签名：{about}",
        "report_proved": "报告以重新验证身份签署，由平台记录：{about}",
        "report_silent": "未签署报告，视为同意：{about}",
    },
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "tender_file": "the evaluation's part of the tender documents",
        "opening": "what was read out and drawn",
        "sheets": "the members' sheets and the reviews",
        "result": "the result",
        "published": "the published result",
        "signatures": "what the members signed",
        "valid": "how many bids are valid",
        "enough": "whether these are enough",
        "benchmark": "the benchmark price",
        "candidates": "the candidates",
        "alarms": "the alarms about scores far apart",
    },
    "zh": {
        "tender_file": "招标文件的评标部分",
        "opening": "唱标及抽取内容",
        "sheets": "评委评分表及评审记录",
        "result": "评标结果",
        "published": "公布的结果",
        "signatures": "成员签署情况",
        "valid": "有效投标数量",
        "enough": "有效投标是否足够",
        "benchmark": "评标基准价",
        "candidates": "候选人",
        "alarms": "评分偏差提示",
    },
}
"""What documents and members of a result are to people."""

NAMED = frozenset({"document", "member"})
"""The checks whose subject has one of these names."""

FILE: Mapping[str, str] = {
    "en": "SHA-256 of the file, to compare with the one on the site and in the log: {sha256}",
    "zh": "文件的 SHA-256，请与网站及日志中的比对：{sha256}",
}
MARKS: Mapping[str, tuple[str, str, str]] = {
    "en": ("ok", "WRONG", "not in this form"),
    "zh": ("相符", "不符", "此版本无法核对"),
}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "en": (
        "everything that this form can show holds",
        "{failed} checks do not hold: the result is not what the documents give",
    ),
    "zh": ("此版本可核对的内容全部相符", "有 {failed} 项不符：结果与文件不一致"),
}
UNREADABLE: Mapping[str, str] = {
    "en": "this file is no evaluation bundle: {place}",
    "zh": "此文件不是评标数据包：{place}",
}


def told(check: Check, language: str) -> str:
    """What was looked at, in words."""
    about = NAMES[language].get(check.about, check.about) if check.code in NAMED else check.about
    return CHECKS[language][check.code].format(about=about)


def verdict(failed: int, language: str) -> str:
    """What so many failed checks come to."""
    well, badly = VERDICTS[language]
    return badly.format(failed=failed) if failed else well
