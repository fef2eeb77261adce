"""A custodian's pages: what each of its lots waits for, and the acts that only its own browser can do."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency

from bidding_docs.kept_keys import MIN_PASSPHRASE
from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page
from govcore.web.rendering import AnyRequest, language
from trading.opening.custody_words import CUSTODY_WORDS
from trading.opening.policy import SeatStep
from trading.opening.schemas import SeatShown
from trading.opening.seats import seats

STEP_WORDS = {
    SeatStep.PREPARE: "Give your keys",
    SeatStep.REHEARSAL: "Waiting for the tenderer's rehearsal",
    SeatStep.SIGN: "Rehearse and sign",
    SeatStep.PUBLICATION: "Signed, not published yet",
    SeatStep.DEADLINE: "Bids are still taken",
    SeatStep.CLOSING: "Closing: the set of bids is being committed",
    SeatStep.SEAL_CHECK: "Bidders check the seals",
    SeatStep.OBJECTION: "An objection to the seals stands",
    SeatStep.SUSPENDED: "The procedure is suspended",
    SeatStep.RELEASE: "Release your shares now",
    SeatStep.RELEASED: "Released",
    SeatStep.NOT_NEEDED: "Opened without your shares",
    SeatStep.FAILED: "Failed: nothing is opened",
    SeatStep.ENDED: "Given up: nothing is opened",
}
NEXT_HINTS = {
    SeatStep.PREPARE: "Your browser or the command line makes the keys; the site sees only their public halves.",
    SeatStep.REHEARSAL: "The tenderer's client encrypts a capsule to every custodian's key. Nothing for you to do.",
    SeatStep.SIGN: "You show that your keys open the capsule, and sign for them.",
    SeatStep.PUBLICATION: "The other custodians and the tenderer sign too, then the tender is published.",
    SeatStep.DEADLINE: "At the opening you need your passphrase, here or on any other machine.",
    SeatStep.CLOSING: "A few seconds; then your shares can be checked and released.",
    SeatStep.SEAL_CHECK: "Bidders compare with their receipts. After that your shares are due.",
    SeatStep.OBJECTION: "Nobody can release while it stands; the centre answers it.",
    SeatStep.SUSPENDED: "The bids stay sealed. Your shares are due when the suspension has ended.",
    SeatStep.RELEASE: "Your browser checks the closing by itself before any share leaves it.",
    SeatStep.RELEASED: "Your keys for this lot are destroyed.",
    SeatStep.NOT_NEEDED: "Enough other custodians released; your keys for this lot are destroyed.",
    SeatStep.ENDED: "The bids stay sealed for ever; your keys for this lot are destroyed.",
    SeatStep.FAILED: "Too few bids. The bids stay sealed for ever; your keys for this lot are destroyed.",
}
BROWSER_SUITE = "bs1"
TO_DO = (SeatStep.RELEASE, SeatStep.SIGN, SeatStep.PREPARE)
OVER = (SeatStep.RELEASED, SeatStep.NOT_NEEDED, SeatStep.FAILED, SeatStep.ENDED)


@get("/custodian", permission="share.release", sync_to_thread=True)
def openings_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """My openings: what is to be done now, what comes, what is over."""
    found = _seats(platform, actor)
    return page(
        request,
        "opening/custodian.html",
        todo={step: [seat for seat in found if seat.step == step] for step in TO_DO},
        waiting=[seat for seat in found if seat.step not in (*TO_DO, *OVER)],
        over=[seat for seat in found if seat.step in OVER],
        words=STEP_WORDS,
        hints=NEXT_HINTS,
    )


@get("/custodian/keys", permission="keys.provide", fresh=True, sync_to_thread=True)
def keys_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Make the one-time keys of all lots that wait for them, under one passphrase."""
    return _act(request, platform, actor, "keys", SeatStep.PREPARE)


@get("/custodian/sign", permission="keys.sign", fresh=True, sync_to_thread=True)
def sign_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Open the rehearsal capsules and sign one's place in the key manifests, seeing exactly what is signed."""
    return _act(request, platform, actor, "sign", SeatStep.SIGN)


@get("/custodian/release", permission="share.release", fresh=True, sync_to_thread=True)
def release_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """Check the closings and release the shares of all lots that are due."""
    return _act(request, platform, actor, "release", SeatStep.RELEASE)


def _act(request: AnyRequest, platform: Platform, actor: Actor, act: str, step: SeatStep) -> Response[str]:
    translate = platform.catalogue.translator(language(request))
    found = _seats(platform, actor)
    due = [seat for seat in found if seat.step == step]
    return page(
        request,
        "opening/custody.html",
        act=act,
        seats=[seat for seat in due if seat.suite == BROWSER_SUITE],
        elsewhere=[seat for seat in due if seat.suite != BROWSER_SUITE],
        soon=[seat for seat in found if seat.step == SeatStep.SEAL_CHECK],
        words={key: translate(text) for key, text in CUSTODY_WORDS.items()},
        minimum=MIN_PASSPHRASE,
    )


def _seats(platform: Platform, actor: Actor) -> list[SeatShown]:
    with platform.db.read() as tx:
        return seats(tx, actor=actor, at=clock.now(tx))


PAGES = [openings_page, keys_page, sign_page, release_page]
