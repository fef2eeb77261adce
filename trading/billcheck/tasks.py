"""The sweep that carries out the bill checks that were ordered."""

from __future__ import annotations

from celery import shared_task

from govcore.platform import current
from trading.billcheck import service
from trading.billcheck.models import BillCheck
from trading.ordered import carry_out_all


@shared_task(name="billcheck.carry_out")
def carry_out(**_: object) -> None:
    carry_out_all(current(), BillCheck, service.carry_out)
