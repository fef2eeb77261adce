"""What `trading draw verify` says about each step, in both languages; it loads no catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from trading.draws.replay import Check

STEPS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "purpose": "the law lets {about} be drawn in this regime",
        "pool": "the pool is the one announced before the commitments: {about}",
        "exclusions": "who was left out, and why, is as announced: {about}",
        "quotas": "what was to be taken is as announced: {about}",
        "contributors": "at least three contributed: {about}",
        "commitment": "the value of {about} is the one it had committed to",
        "seed": "the seed follows from the pool and all values: {about}",
        "tickets": "{about} tickets follow from the seed and are in order",
        "taken": "the {about} that were taken are the first of their quotas, after those who gave way",
    },
    "zh": {
        "purpose": "法律允许以抽取方式确定：{about}",
        "pool": "抽取范围与承诺之前公布的一致：{about}",
        "exclusions": "被排除者及原因与公布的一致：{about}",
        "quotas": "抽取名额与公布的一致：{about}",
        "contributors": "至少三方提供随机数：{about}",
        "commitment": "{about} 公开的随机数与其承诺一致",
        "seed": "种子由抽取范围和全部随机数算出：{about}",
        "tickets": "{about} 个签号均由种子算出，排序正确",
        "taken": "抽中的 {about} 个是各名额中签号最前者（已依次递补）",
    },
}
NAMES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "experts": "the experts of a committee",
        "opening": "coefficients and the order of bids at an opening",
        "invitees": "invited suppliers",
        "same_brand": "one among equal bids of a brand",
        "parallel": "one among parallel first places",
        "platform": "the platform",
        "tenderer": "the tenderer",
        "regulator": "the supervising department",
        "supplier": "the suppliers' representative",
        "centre": "the trading centre",
    },
    "zh": {
        "experts": "评标委员会专家",
        "opening": "开标时的系数及投标顺序",
        "invitees": "受邀供应商",
        "same_brand": "同品牌并列投标",
        "parallel": "并列第一",
        "platform": "平台",
        "tenderer": "招标人（采购人）",
        "regulator": "行政监督部门",
        "supplier": "供应商代表",
        "centre": "交易中心",
    },
}
"""What purposes and contributors are to people."""

NAMED = frozenset({"purpose", "contributors", "commitment"})
"""The steps whose subject are such names."""

VERDICTS: Mapping[str, tuple[str, str]] = {
    "en": ("every step holds: the draw is right", "{failed} steps do not hold: the draw is not right"),
    "zh": ("各步均相符：抽取结果正确", "有 {failed} 步不符：抽取结果不正确"),
}
MARKS: Mapping[str, tuple[str, str]] = {"en": ("ok", "WRONG"), "zh": ("相符", "不符")}
UNREADABLE: Mapping[str, str] = {
    "en": "this file is no draw's document: {place}",
    "zh": "此文件不是抽取记录：{place}",
}


def told(check: Check, language: str) -> str:
    """What was looked at, in words."""
    about = check.about
    if check.code in NAMED:
        between = ", " if language == "en" else "、"
        about = between.join(NAMES[language].get(name, name) for name in about.split())
    return STEPS[language][check.code].format(about=about)


def verdict(failed: int, language: str) -> str:
    """What so many failed steps come to."""
    well, badly = VERDICTS[language]
    return badly.format(failed=failed) if failed else well
