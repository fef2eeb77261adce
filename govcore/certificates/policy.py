"""How long certificates last."""

from __future__ import annotations

from datetime import timedelta

CERTIFICATE_LIFETIME = timedelta(days=365)
