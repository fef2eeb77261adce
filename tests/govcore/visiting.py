"""Run by `test_external_module.py` in an environment of its own: migrate each database and use the site over it."""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import inspect

from govcore.db import Database
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import is_current, migrate
from govcore.web.app import create_app, state_of

SHELF = "/lost-property"


def visit(database: str, data: Path, session: str) -> dict[str, object]:
    """What there is over this database, and what came of keeping one thing and giving it back."""
    variables = {"TRADING_DATA": str(data), "TRADING_DATABASE_URL": database, "TRADING_DEMO": "1"}
    settings = Settings.from_environ(variables)
    migrate(settings)
    platform = Platform.open(settings)
    app = site_over(platform)
    with TestClient(app, base_url="http://site.example") as client:
        client.follow_redirects = False
        client.cookies.set("lang", "en")
        facts = {
            "modules": [module.name for module in platform.registry.modules if module.migrations],
            "current": is_current(settings),
            "tables": tables(platform.db),
            "health": client.get("/healthz").text,
            "door": SHELF in client.get("/sign-in").text,
            "shelf": client.get(SHELF).status_code,
        }
        if facts["shelf"] == 200:
            facts |= use(client, session)
    platform.db.dispose()
    return facts


_sites: list[Litestar] = []


def site_over(platform: Platform) -> Litestar:
    """The one application of this process, which takes a second to build, over this platform."""
    if not _sites:
        _sites.append(create_app(platform))
    _sites[0].state.update(state_of(platform))
    return _sites[0]


def use(client: TestClient, session: str) -> dict[str, object]:
    """A clerk keeps two things and gives one back; a visitor and a wrong address are refused."""
    umbrella, gloves = "一把<b>黑伞</b>", "gloves"
    facts: dict[str, object] = {"visitor": client.post(SHELF, data={"what": "x"}).status_code}
    client.cookies.set("session", session)
    facts["kept"] = [client.post(SHELF, data={"what": one}).status_code for one in (umbrella, gloves)]
    facts["shown"] = [html.escape(one) in client.get(SHELF).text for one in (umbrella, gloves)]
    things = re.findall(rf"{SHELF}/(\w+)/return", client.get(SHELF).text)
    returns = [client.post(f"{SHELF}/{thing}/return") for thing in (things[0], things[0])]
    facts["returned"] = [answer.status_code for answer in returns]
    facts["too_long"] = client.post(SHELF, data={"what": "x" * 201}).status_code
    client.cookies.set("lang", "zh_CN")
    page = client.get(SHELF).text
    facts["words"] = [word for word in ("失物招领", "gloves", umbrella) if word in page]
    return facts


def tables(database: Database) -> list[str]:
    return sorted(
        name for name in inspect(database.engine).get_table_names() if name.startswith("lost_property_")
    )


if __name__ == "__main__":
    print(json.dumps([visit(url, Path(data), session) for url, data, session in json.load(sys.stdin)]))
