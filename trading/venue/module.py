"""The centre's rooms and its witness, as a module."""

from pathlib import Path

from govcore.identity.policy import Role
from govcore.module import EventType, Module, NavItem, Permission
from trading.venue.acts import ACTS
from trading.venue.api import ROUTES
from trading.venue.pages import PAGES

_HERE = Path(__file__).parent
CENTRE = frozenset({Role.CENTRE})

MODULE = Module(
    name="venue",
    prefixes=("venue",),
    requires=("tender", "authority"),
    acts=ACTS,
    routes=[*ROUTES, *PAGES],
    nav=[NavItem(href="/rooms", text="Rooms", icon="building", permission="venue.book")],
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    permissions=[
        Permission(name="venue.book", zh="安排开标、评标场地", en="Book rooms", roles=CENTRE),
        Permission(name="venue.second", zh="复核评标室的网络", en="Confirm a room's networks", roles=CENTRE),
        Permission(name="venue.witness", zh="记录见证情况", en="Write the witness's log", roles=CENTRE),
        Permission(
            name="venue.read", zh="查看见证记录", en="Read the witness's log", roles=CENTRE | {Role.REGULATOR}
        ),
    ],
    audit_events=[
        EventType(name="venue.room_added", zh="新增场地", en="Room added", subject="room"),
        EventType(name="venue.networks_set", zh="登记评标室网络", en="Room's networks set", subject="room"),
        EventType(name="venue.booked", zh="场地已安排", en="Room booked", subject="lot"),
        EventType(name="venue.cancelled", zh="场地安排已取消", en="Booking cancelled", subject="lot"),
        EventType(name="venue.observed", zh="见证记录", en="Witness's observation", subject="lot"),
    ],
)
