"""Messages to people, as a module."""

from pathlib import Path

from govcore.identity.policy import EVERYONE
from govcore.module import Module, Permission, Sweep, WrappedColumn
from govcore.notify.models import Contact, Delivery, Follow
from govcore.notify.pages import PAGES

MODULE = Module(
    name="notify",
    prefixes=("notify",),
    requires=("identity",),
    routes=PAGES,
    templates=Path(__file__).parent / "templates",
    wrapped=[
        WrappedColumn(attribute=Contact.wrapped, purpose="contact", context=lambda _, row: str(row.user_id)),
        WrappedColumn(
            attribute=Follow.wrapped, purpose="follow", context=lambda _, row: f"{row.user_tag}/{row.topic}"
        ),
        WrappedColumn(attribute=Delivery.wrapped, purpose="delivery", context=lambda _, row: str(row.id)),
    ],
    schedule={"notify.deliver": Sweep(task="notify.deliver", every=2.0)},
    task_packages=("govcore.notify.tasks",),
    permissions=[
        Permission(
            name="notify.read", zh="查看站内消息", en="Read own messages", roles=EVERYONE, administrative=True
        ),
    ],
)
