"""One application for each set of modules in a process: to build it takes longer than most tests."""

from __future__ import annotations

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from litestar import Litestar

from govcore.platform import Platform
from govcore.web.app import create_app, state_of


class Compiled(BytecodeCache):
    """The templates that this process has compiled; one whose source has changed is compiled again."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        made = self._made.get((bucket.key, bucket.checksum))
        if made is not None:
            bucket.bytecode_from_string(made)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._made[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_built: dict[tuple[str, tuple[str, ...]], Litestar] = {}
_compiled = Compiled()


def app_for(platform: Platform, *, name: str = "") -> Litestar:
    """The application on this platform. For one platform at a time: the next one takes it over.

    Platforms that are asked beside each other have applications of different names.
    """
    wanted = (name, tuple(module.name for module in platform.registry.modules))
    if wanted not in _built:
        _built[wanted] = create_app(platform)
    app = _built[wanted]
    app.state.clear()
    app.state.update(state_of(platform))
    templates: Environment = app.state.templates
    templates.bytecode_cache = _compiled
    return app
