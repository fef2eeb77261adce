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
PROGRAM_WORDS = {
    "committed": "Committed. Your value lies in this browser; its shares are sealed for: {custodians}.",
    "no-value": "A value has 64 digits 0-9 a-f.",
    "not-now": "This draw takes no commitment of yours now. Load the page again.",
    "custodians-twice": "Two custodians are of one organisation: your value was not sealed. Tell the centre.",
    "other-draw": "The site answered about another draw. Nothing was sent.",
    "not-right": "What the site sent is not what it should be, so nothing was sent: {detail}",
    "key-given": "Given. The key opens shares of every draw from now on, with your passphrase.",
    "short": "The passphrase needs at least {n} characters.",
    "missing": "Enter your passphrase.",
    "differ": "The two passphrases differ.",
    "wrong": "This passphrase does not open your key. Nothing was sent.",
    "too-early": "By this computer's clock the time for revealing is not over yet. Nothing was sent.",
    "nothing-withheld": "No value of this draw waits for you.",
    "no-file": "The site has no copy of your key: choose the file that you kept.",
    "other-key": "This file holds another key than the one this draw began with. Nothing was sent.",
    "shown": "Your shares are shown. Your key stays here and opens nothing else.",
    "unexpected": "That did not work, and nothing may have been sent: {detail}",
}
"""What the program of these pages says, by the keys that `frontend/src/draws` uses."""
