"""What draws keep wrapped: the platform's own values, until they are revealed."""

from __future__ import annotations

from govcore.module import WrappedColumn
from trading.draws.advancing import WRAPPED_FOR
from trading.draws.models import Contributor

WRAPPED = (
    WrappedColumn(attribute=Contributor.own, purpose=WRAPPED_FOR, context=lambda _, row: str(row.draw_id)),
)
