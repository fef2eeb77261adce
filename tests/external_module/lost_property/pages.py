from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import AnyRequest, page, redirect
from lost_property import service

Here, Who = NamedDependency[Platform], NamedDependency[Actor]


class Found(msgspec.Struct):
    what: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


@get("/lost-property", permission="public", sync_to_thread=True)
def shelf(request: AnyRequest, platform: Here) -> Response[str]:
    with platform.db.read() as tx:
        things = service.waiting(tx)
    return page(request, "lost_property.html", things=things)


@post("/lost-property", permission="lost.keep", sync_to_thread=True)
def keep(data: URLEncodedBody[Found], platform: Here, actor: Who) -> Redirect:
    with platform.db.transaction() as tx:
        service.keep(tx, what=data.what, actor=actor, at=clock.now(tx))
    return redirect("/lost-property")


@post("/lost-property/{thing_id:str}/return", permission="lost.keep", sync_to_thread=True)
def give_back(thing_id: FromPath[str], platform: Here, actor: Who) -> Redirect:
    with platform.db.transaction() as tx:
        service.give_back(tx, thing_id, actor=actor, at=clock.now(tx))
    return redirect("/lost-property")
