"""The text of the promise (承诺书) as it is given: in Chinese, whatever language a member reads the site in."""

from __future__ import annotations

from govcore.i18n.catalogue import DEFAULT
from govcore.platform import Platform
from trading.committee.policy import PROMISE


def promise_of(platform: Platform) -> str:
    """One numbered sentence a line."""
    translate = platform.catalogue.translator(DEFAULT)
    return "\n".join(f"{n}. {translate(sentence)}" for n, sentence in enumerate(PROMISE, start=1))
