"""The sweep that carries out the analyses that were ordered."""

from __future__ import annotations

from celery import shared_task

from govcore.platform import current
from trading.likeness import service
from trading.likeness.models import Analysis
from trading.ordered import carry_out_all


@shared_task(name="likeness.carry_out")
def carry_out(**_: object) -> None:
    carry_out_all(current(), Analysis, service.carry_out)
