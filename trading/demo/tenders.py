"""What the agency drafts in the demo: the water works in two lots, and another tender that stays open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from trading.demo.city import City

YUAN = 100
CONTENT = Path(__file__).parent / "content.json"

LOTS = (
    {"name": "第1标段 北堤护坡与闸站", "max_price_fen": 12_000_000 * YUAN, "deposit_fen": 200_000 * YUAN},
    {"name": "第2标段 南堤清淤", "max_price_fen": 6_000_000 * YUAN, "deposit_fen": 100_000 * YUAN},
)
OTHER_LOT = {"name": "第1标段 观测设备", "max_price_fen": 900_000 * YUAN, "deposit_fen": 15_000 * YUAN}


def project(city: City) -> dict[str, Any]:
    return {
        "name": "云汀市清河河道综合治理工程（演示）",
        "category": "water",
        "division": "379900",
        "tenderer_id": city.org_ids["tenderer"],
        "regulator_id": city.org_ids["regulator"],
    }


def water_works(city: City, project_id: str, rule_set: str) -> dict[str, Any]:
    return _tender(city, project_id, rule_set, "清河河道综合治理工程施工招标（演示）", list(LOTS))


def other_tender(city: City, project_id: str, rule_set: str) -> dict[str, Any]:
    return _tender(city, project_id, rule_set, "清河水文观测设备采购与安装招标（演示）", [OTHER_LOT])


def _tender(
    city: City, project_id: str, rule_set: str, title: str, lots: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "title": title,
        "rule_set": rule_set,
        "content": json.loads(CONTENT.read_text(encoding="utf-8")),
        "lots": lots,
        "custodians": [
            {"role": role, "org_id": city.org_ids[role]} for role in ("centre", "tenderer", "regulator")
        ],
    }
