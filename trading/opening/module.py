"""Openings, as a module."""

from pathlib import Path

from bidding_docs import suites
from govcore.authority.schemas import Nothing
from govcore.identity.policy import Duty, Role
from govcore.module import SECOND, Act, EventType, Module, NavItem, Permission, SealedPaper, Sweep
from guarantees.api import bank_routes
from trading.opening.api import ROUTES
from trading.opening.at_rest import WRAPPED
from trading.opening.base_price_pages import PAGES as BASE_PRICES
from trading.opening.bidder_pages import PAGES as BIDDER_PAGES
from trading.opening.custodian_pages import PAGES as CUSTODIAN_PAGES
from trading.opening.drawing import FACTS
from trading.opening.judging_pages import PAGES as JUDGING_PAGES
from trading.opening.looking import ShowFile, show_file, showing
from trading.opening.pages import PAGES
from trading.opening.pausing import OUTAGE, PUT_OFF
from trading.opening.policy import RECORD_PAPER
from trading.opening.prolonging import PROLONGED, Prolong, prolong, prolonging
from trading.opening.recoveries import conclude, conclusion
from trading.opening.remedy_api import ROUTES as REMEDIES

_HERE = Path(__file__).parent

MODULE = Module(
    name="opening",
    prefixes=("opening", "share", "gate", "store"),
    requires=("bidding", "draws", "guarantees", "authority", "notify", "seals", "outages"),
    routes=[
        *ROUTES,
        *REMEDIES,
        *PAGES,
        *CUSTODIAN_PAGES,
        *BIDDER_PAGES,
        *JUDGING_PAGES,
        *BASE_PRICES,
        *bank_routes(
            seal=lambda recipient, plain: suites.of_recipient(recipient).wrap_share(plain, recipient)
        ),
    ],
    wrapped=WRAPPED,
    nav=[NavItem(href="/custodian", text="My openings", icon="key", permission="share.release")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(
            name="share.release",
            zh="释放密钥份额",
            en="Release shares",
            roles=frozenset({Role.CUSTODIAN}),
            unlimited=True,
        ),
        Permission(
            name="opening.object",
            zh="对密封情况提出异议",
            en="Object to seals",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.SUBMIT,
        ),
        Permission(
            name="opening.give_share",
            zh="提交投标人密钥份额",
            en="Give a bidder's share",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.SUBMIT,
        ),
        Permission(
            name="opening.recover",
            zh="提交投标人恢复密钥",
            en="Hand in recovery keys",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.SUBMIT,
        ),
        Permission(
            name="opening.restore",
            zh="重新提交密文",
            en="Hand in ciphertext again",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.SUBMIT,
        ),
        Permission(
            name="opening.conclude",
            zh="以已有密钥继续开标",
            en="Go on with the keys that are here",
            roles=frozenset({Role.CENTRE}),
        ),
        Permission(
            name="opening.second",
            zh="作为第二人确认开标操作",
            en="Confirm acts on an opening as second person",
            roles=frozenset({Role.CENTRE, Role.REGULATOR}),
        ),
        Permission(
            name="opening.judge",
            zh="认定开标责任",
            en="Judge faults of an opening",
            roles=frozenset({Role.REGULATOR}),
        ),
        Permission(
            name="opening.answer", zh="答复异议", en="Answer objections", roles=frozenset({Role.CENTRE})
        ),
        Permission(
            name="opening.attend",
            zh="开标签到",
            en="Sign in to openings",
            roles=frozenset({Role.BIDDER, Role.TENDERER, Role.AGENCY, Role.CENTRE, Role.REGULATOR}),
            unlimited=True,
        ),
        Permission(
            name="opening.reply",
            zh="答复开标异议",
            en="Answer objections to openings",
            roles=frozenset({Role.TENDERER, Role.AGENCY}),
        ),
        Permission(
            name="opening.attribute",
            zh="认定未开启投标的原因",
            en="Decide who answers for a bid that did not open",
            roles=frozenset({Role.TENDERER, Role.AGENCY}),
        ),
        Permission(
            name="opening.seal_base_price",
            zh="密封标底",
            en="Seal a base price",
            roles=frozenset({Role.TENDERER}),
        ),
        Permission(
            name="opening.draw_again",
            zh="重新公布开标抽取",
            en="Announce the draw of an opening again",
            roles=frozenset({Role.TENDERER, Role.AGENCY}),
        ),
        Permission(
            name="opening.confirm",
            zh="确认开标记录",
            en="Confirm one's read-out",
            roles=frozenset({Role.BIDDER}),
            unlimited=True,
            duty=Duty.SUBMIT,
        ),
    ],
    acts=[
        Act(
            name="opening.conclude",
            text="Go on with a suspended opening",
            warning="This cannot be undone: all bids whose keys are here are read out, and those without keys stay "
            "sealed for ever, by the custodians' fault.",
            permission="opening.conclude",
            second="opening.second",
            content=Nothing,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "bids": "Bids of this stage",
                "keys": "Bids whose keys are here: read out",
                "sealed": "Bids without keys: stay sealed",
            },
            typed="lot",
            facts=conclusion,
            run=conclude,
            back="/lots/{object_id}/opening",
        ),
        Act(
            name="opening.prolong",
            text="Prolong a window of an opening",
            warning="Everybody in the hall reads it at once, with its reason. A window can be made longer, "
            "never shorter.",
            permission="opening.conclude",
            second="opening.second",
            content=Prolong,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "window": "Window",
                "until": "Ends now",
                "minutes": "Minutes more",
                "then": "Ends then, later still for suspensions and outages",
                "notice": "What everybody reads",
            },
            typed="lot",
            facts=prolonging,
            run=prolong,
            back="/lots/{object_id}/opening",
        ),
        Act(
            name="opening.show_file",
            text="Show a file in which a scanner found something",
            warning="Members of the committee will be able to open this file on their machines.",
            permission="opening.conclude",
            second="opening.second",
            content=ShowFile,
            labels={
                "lot": "Lot",
                "title": "Tender",
                "bid": "Number of the bid",
                "part": "Part",
                "place": "Place of the file in its part",
                "found": "What the scanner found",
            },
            typed="lot",
            facts=showing,
            run=show_file,
            back="/lots/{object_id}/opening",
        ),
    ],
    audit_events=[
        EventType(
            name="opening.file_kept_back", zh="文件因病毒扫描暂不显示", en="File kept back", subject="bid"
        ),
        EventType(name="opening.file_shown", zh="同意显示暂扣文件", en="Kept file shown", subject="bid"),
        EventType(
            name="store.verified", zh="密文存储核验一致", en="Store verified", subject="lot", public=True
        ),
        EventType(
            name="store.damaged", zh="密文存储核验不一致", en="Store damaged", subject="lot", public=True
        ),
        EventType(
            name="share.released", zh="保管人已释放份额", en="Shares released", subject="lot", public=True
        ),
        EventType(name="gate.released", zh="时间门已释放", en="Gate released", subject="lot", public=True),
        EventType(
            name="opening.objected",
            zh="对密封情况的异议",
            en="Seals objected to",
            subject="objection",
        ),
        EventType(
            name="opening.objection_answered",
            zh="异议已答复",
            en="Objection answered",
            subject="objection",
        ),
        EventType(name="opening.attended", zh="开标签到", en="Signed in", subject="lot"),
        EventType(
            name="opening.objection_raised", zh="对开标的异议", en="Opening objected to", subject="objection"
        ),
        EventType(
            name="opening.objection_replied",
            zh="开标异议已答复",
            en="Objection to the opening answered",
            subject="objection",
        ),
        EventType(
            name="opening.confirmed", zh="投标人已确认开标记录", en="Read-out confirmed", subject="bid"
        ),
        EventType(
            name="opening.share_given",
            zh="投标人已提交份额",
            en="Bidder's share given",
            subject="bid",
            public=True,
        ),
        EventType(
            name="opening.suspended",
            zh="保管人份额不足，开标中止",
            en="Opening suspended: too few custodians",
            subject="lot",
            public=True,
        ),
        EventType(
            name="opening.recovery",
            zh="投标人已提交恢复密钥",
            en="Bidder handed in recovery keys",
            subject="bid",
            public=True,
        ),
        EventType(
            name="opening.recovered",
            zh="以投标人恢复密钥继续开标",
            en="Opening goes on with bidders' recovery keys",
            subject="lot",
            public=True,
        ),
        EventType(
            name="opening.concluded", zh="决定继续开标", en="Decided to go on", subject="lot", personal=SECOND
        ),
        EventType(
            name="opening.capsule_judged",
            zh="监督部门认定份额胶囊",
            en="Capsule judged by supervision",
            subject="bid",
            public=True,
        ),
        EventType(
            name="opening.outage_noted", zh="记录平台故障", en="Outage of the platform noted", subject="lot"
        ),
        EventType(name=PROLONGED, zh="延长开标环节时间", en="Window prolonged", subject="lot", public=True),
        EventType(
            name="opening.alarm_raised", zh="开标报警", en="Alarm at the opening", subject="bid", public=True
        ),
        EventType(
            name="opening.stage_begun", zh="开启下一阶段", en="Next stage begun", subject="lot", public=True
        ),
        EventType(
            name="store.restored",
            zh="投标人重新提交密文",
            en="Ciphertext handed in again",
            subject="bid",
            public=True,
        ),
        EventType(
            name="opening.dealing_inconsistent",
            zh="投标人分发的份额不一致",
            en="Bidder's shares are inconsistent",
            subject="bid",
            public=True,
        ),
        EventType(
            name="opening.bid_read_out", zh="投标文件唱标", en="Bid read out", subject="bid", public=True
        ),
        EventType(
            name="opening.objection_stands",
            zh="密封异议待处理",
            en="An objection to the seals stands",
            subject="lot",
            public=True,
        ),
        EventType(
            name="opening.objection_settled",
            zh="密封异议已处理",
            en="An objection to the seals was decided",
            subject="lot",
            public=True,
        ),
        EventType(
            name=OUTAGE,
            zh="平台故障期间不计入开标时限",
            en="Outage left out of the opening's windows",
            subject="lot",
            public=True,
        ),
        EventType(
            name="opening.attributed",
            zh="主持人认定未开启原因",
            en="Fault decided by the host",
            subject="bid",
        ),
        EventType(
            name="opening.bid_lapsed",
            zh="投标有效期未延长，投标失效",
            en="Bid not bound any longer",
            subject="bid",
            public=True,
        ),
        EventType(
            name="opening.bid_void", zh="投标无效", en="Bid void for its parties", subject="bid", public=True
        ),
        EventType(name="opening.paused", zh="开标暂停", en="Opening paused", subject="lot", public=True),
        EventType(name="opening.resumed", zh="开标恢复", en="Opening resumed", subject="lot", public=True),
        EventType(name="opening.base_price_sealed", zh="标底已密封", en="Base price sealed", subject="lot"),
        EventType(
            name="opening.base_price_read_out",
            zh="公布标底",
            en="Base price read out",
            subject="lot",
            public=True,
        ),
        EventType(name="opening.read_out", zh="唱标", en="Bids read out", subject="lot", public=True),
        EventType(
            name="opening.recorded", zh="开标记录已生成", en="Opening recorded", subject="lot", public=True
        ),
    ],
    sealed_papers=[SealedPaper(name=RECORD_PAPER, zh="开标记录", en="Opening records")],
    subscriptions={
        **dict.fromkeys(
            ("tender.suspended", "tender.resumed", "tender.terminated", "tender.cancelled", PUT_OFF),
            "opening.tell_suspension",
        ),
        **dict.fromkeys(FACTS, "opening.tell_draw"),
    },
    schedule={
        "opening.close_due": Sweep(task="opening.close_due", every=0.5),
        "opening.advance": Sweep(task="opening.advance", every=0.5),
        "opening.check_parts": Sweep(task="opening.check_parts", every=2.0),
        "opening.destroy_keys": Sweep(task="opening.destroy_keys", every=60.0),
    },
    task_packages=("trading.opening.tasks",),
)
