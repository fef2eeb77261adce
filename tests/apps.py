"""One application for each set of modules in a process: to build it takes longer than most tests."""

from __future__ import annotations

from litestar import Litestar

from govcore.platform import Platform
from govcore.web.app import create_app, state_of

_built: dict[tuple[str, ...], Litestar] = {}


def app_for(platform: Platform) -> Litestar:
    """The application on this platform. For one platform at a time: the next one takes it over."""
    modules = tuple(module.name for module in platform.registry.modules)
    if modules not in _built:
        _built[modules] = create_app(platform)
    app = _built[modules]
    app.state.clear()
    app.state.update(state_of(platform))
    return app
