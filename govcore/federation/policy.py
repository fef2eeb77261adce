"""How long the steps of a sign-in elsewhere may take, and which signatures count."""

from __future__ import annotations

from datetime import timedelta

ATTEMPT_LIFETIME = timedelta(minutes=10)
"""From leaving for the provider to coming back, and again from there to the decision what the identity is linked to."""

ALGORITHMS = frozenset({"ES256", "PS256", "RS256"})
"""A provider may sign its tokens with these; which of them is settled here, never by a token."""

SKEW = timedelta(seconds=60)
"""How far a provider's clock may differ."""

FRESH = timedelta(minutes=10)
"""A token that was issued longer ago belongs to another sign-in."""
