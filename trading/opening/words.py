"""What states, codes and sides are called in the hall, as keys of the catalogue."""

from __future__ import annotations

from trading.opening.contents import Remark

CODE_WORDS = {
    "E_CTX_MISMATCH": "A sealed key share belongs to another bid.",
    "E_BIDDER_BAD_SHARE": "A key share is not the one that the bidder committed to.",
    "E_CAPSULE_UNREADABLE": "A sealed key share cannot be opened.",
    "E_BIDDER_KEY_MISMATCH": "The shares give a key that does not open the bid.",
    "E_BIDDER_TIMEOUT": "The bidder's own key share did not arrive in time.",
    "E_PAYLOAD": "The sealed file does not decrypt to its end.",
    "E_CONTENT": "The content is not of the published form.",
    "E_SHARE_COMMIT": "A custodian released a wrong key share.",
    "E_QUORUM": "Too few custodians released their key shares.",
    "E_STORE_HASH": "The stored file is not the one that was received.",
    "E_GATE_KEY": "The time gate's key share is missing.",
    "E_VALIDITY_ENDED": "Its bidder is bound no longer: the validity was not extended.",
}
"""Why a bid could not be opened; its code stands beside it for the help desk."""

FINDING_WORDS = {
    "E_DOUBLE_BIDDING": "A member is in another bid too: all of them are void (实施条例 art. 37; 采购条例 art. 22).",
    "E_CONSORTIUM_CHANGED": "The consortium is not the one that was prequalified: void (实施条例 art. 37).",
    "E_MEMBER_CONFLICT": "A member serves, supervises or keeps keys of this tender: void (实施条例 art. 34).",
    "E_CONSORTIUM_NOT_ADMITTED": "The documents admit no consortia: the committee decides (实施条例 art. 51).",
    "E_CONSORTIUM_UNSIGNED": "Not every member signed the list: the committee decides (实施条例 art. 51).",
    "E_CONSORTIUM_UNREADABLE": "The list of members is not of this bid: the committee decides (实施条例 art. 51).",
}
"""What the opening found about the parties of a bid."""

PAUSE_WORDS = {
    "E_CLOCK_SKEW": "The clocks of the platform differ. The opening goes on as soon as they agree.",
    "E_GATE_TIME": "The time gate's clock and the log's witness do not agree. The opening goes on as soon as they do.",
    "E_GATE_SILENT": "The time gate does not answer. The opening goes on as soon as it does.",
    "E_GATE_LOG": "The time gate does not accept the log, or the log's witness is silent.",
    "E_GATE_KEY": "The time gate no longer holds a key of this lot.",
    "E_SECOND_CLOSING": "The log holds two different closings of this lot: nothing is opened.",
}
"""Why an opening stands still through no fault of bidders or custodians."""

FAULT_WORDS = {
    "bidder": "The bidder answers for this: the bid counts as revoked, its deposit is at risk.",
    "custodian": "A custodian answers for this: the bid counts as withdrawn, its deposit goes back.",
    "unknown": "Nobody knows yet who answers for this: the host of the opening decides, with a reason. Until then the "
    "deposit stays where it is.",
    "platform": "The platform answers for this: the bid counts as withdrawn, its deposit goes back.",
}

CAPACITY_WORDS = {
    "bidder": "Bidder",
    "tenderer": "Tenderer",
    "agency": "Agency",
    "centre": "Trading centre",
    "regulator": "Supervising department",
}

REMARK_WORDS = {
    Remark.OTHER_KIND: "Its content is not what its name says",
    Remark.PROGRAM: "A program",
    Remark.TWO_KINDS: "Two kinds of file in one",
    Remark.SCRIPT: "Holds scripts",
    Remark.LAUNCHES: "Starts other programs",
    Remark.EMBEDS: "Holds other files",
    Remark.MACROS: "Holds macros",
    Remark.ENCRYPTED: "Encrypted",
}
"""What readers are told of a file that acts, or is not what it seems."""
