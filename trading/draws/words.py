"""What people read about a draw, in keys of the catalogue."""

from __future__ import annotations

from trading.draws.policy import DrawState, Party, Purpose, VoidCause

PURPOSE_WORDS = {
    Purpose.EXPERTS: "Draw of the evaluation committee",
    Purpose.OPENING: "Draw at the opening",
    Purpose.INVITEES: "Draw of invited suppliers",
    Purpose.SAME_BRAND: "Draw among equal bids of one brand",
    Purpose.PARALLEL: "Draw among parallel first places",
}
STATE_WORDS = {
    DrawState.ANNOUNCED: "Announced",
    DrawState.COMMITTING: "Contributors commit",
    DrawState.REVEALING: "Values are revealed",
    DrawState.DRAWN: "Drawn",
    DrawState.VOID: "Void",
}
PARTY_NAMES = {
    Party.PLATFORM: "The platform",
    Party.TENDERER: "The tenderer",
    Party.REGULATOR: "The supervising department",
    Party.SUPPLIER: "A representative of the suppliers",
    Party.CENTRE: "The trading centre",
}
VOID_WORDS = {
    VoidCause.KEYS: "Not all custodians gave a key for draws in time.",
    VoidCause.FEW: "Fewer than three committed in time: two could agree, one would know the result.",
    VoidCause.ENDED: "The lot came to its end before.",
    VoidCause.DECIDED: "Two people ended it, with a reason that stands in the log.",
    VoidCause.ESCROW: "A value was withheld, and what had been escrowed was another one.",
}
LINE_WORDS = {
    "pool": "The pool",
    "exclusions": "Who was left out",
    "quotas": "What was to be taken",
    "commitment": "The commitment of {about}",
    "seed": "The seed",
    "tickets": "The first ticket, of {about}",
}
"""What each line of the replay computes."""
