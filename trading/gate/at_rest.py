"""What a gate keeps wrapped, in its own database or in the platform's: rotation of keys re-wraps these columns."""

from __future__ import annotations

from govcore.module import WrappedColumn
from trading.gate.models import GateScope

WRAPPED = (
    WrappedColumn(attribute=GateScope.wrapped, purpose="gate", context=lambda _, row: str(row.context)),
    WrappedColumn(
        attribute=GateScope.released, purpose="gate-release", context=lambda _, row: str(row.context)
    ),
)
