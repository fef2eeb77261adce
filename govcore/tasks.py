"""Celery as the doorbell: messages carry ids only and may be lost or doubled without harm."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging, task_prerun, worker_process_init
from kombu.transport import TRANSPORT_ALIASES

from govcore import logs
from govcore.module import Registry
from govcore.processes import follow
from govcore.settings import Settings


def create_celery(settings: Settings, registry: Registry) -> Celery:
    """The application for worker and beat, with every module's sweeps."""
    TRANSPORT_ALIASES["filesystem"] = "govcore.broker:Transport"
    app = Celery("trading", broker=settings.broker_url)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options=_transport(settings),
        beat_schedule={
            name: {"task": sweep.task, "schedule": sweep.every, "options": {"expires": max(sweep.every, 1)}}
            for module in registry.modules
            for name, sweep in module.schedule.items()
        },
        beat_max_loop_interval=0.5,
        imports=[package for module in registry.modules for package in module.task_packages],
    )
    app.set_current()
    worker = os.getpid()
    worker_process_init.connect(
        lambda **_: follow(worker),  # a pool process whose worker was killed would wait for ever
        weak=False,
        dispatch_uid="follow the worker",
    )
    return app


def _transport(settings: Settings) -> dict[str, object]:
    if not settings.embedded_broker:
        return {"visibility_timeout": 60}
    folders = {name: settings.data / "broker" / name for name in ("queue", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folders["queue"]),
        "data_folder_out": str(folders["queue"]),
        "control_folder": str(folders["control"]),
        "polling_interval": 0.1,
    }


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Celery must not replace the process's logging: `govcore.logs` has set it up."""


@task_prerun.connect
def _number(task_id: str, **_: object) -> None:
    """What a task records carries its number."""
    logs.begin_request(task_id.replace("-", "")[:32])
