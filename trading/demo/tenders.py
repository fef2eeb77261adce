"""What the agency drafts in the demo: the water works in two lots, and another tender that stays open."""

from __future__ import annotations

from typing import Any

from trading.demo.city import City

YUAN = 100
MB = 1 << 20

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


def water_works(city: City, project_id: str) -> dict[str, Any]:
    return _tender(city, project_id, "清河河道综合治理工程施工招标（演示）", list(LOTS))


def other_tender(city: City, project_id: str) -> dict[str, Any]:
    return _tender(city, project_id, "清河水文观测设备采购与安装招标（演示）", [OTHER_LOT])


def _tender(city: City, project_id: str, title: str, lots: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "title": title,
        "rule_set": "demo",
        "content": _content(),
        "lots": lots,
        "custodians": [
            {"role": role, "org_id": city.org_ids[role]} for role in ("centre", "tenderer", "regulator")
        ],
    }


def _content() -> dict[str, Any]:
    return {
        "scope": "清河城区段堤防护坡、节制闸及配套设施的施工，以发布的图纸和工程量清单为准。",
        "location": "云汀市清河城区段（虚构地点）",
        "funds": "市级财政资金",
        "qualification": "具有水利水电工程施工总承包三级及以上资质，具有有效的安全生产许可证，"
        "拟派项目负责人具有水利水电工程专业注册建造师资格。",
        "contact": "云汀正衡招标代理有限公司（演示）业务一部，地址和电话均为虚构",
        "duration_days": 240,
        "validity_days": 90,
        "consortium": False,
        "criteria": [
            {
                "id": "technical",
                "label": "技术部分",
                "kind": "manual",
                "max_points": 40,
                "items": [
                    {"id": "plan", "label": "施工组织设计", "max_points": 20},
                    {"id": "flood", "label": "度汛与导流措施", "max_points": 10},
                    {"id": "safety", "label": "质量与安全措施", "max_points": 10},
                ],
            },
            {
                "id": "credit",
                "label": "信用与业绩",
                "kind": "manual",
                "max_points": 10,
                "items": [{"id": "record", "label": "履约信用评价", "max_points": 10}],
            },
            {"id": "price", "label": "投标报价", "kind": "price", "max_points": 50, "items": []},
        ],
        "price": {"method": "low_price_first"},
        "form": {
            "fields": [
                {"id": "price_fen", "label": "投标总价", "kind": "money", "required": True, "max": 10**13},
                {
                    "id": "duration_days",
                    "label": "工期（日历天）",
                    "kind": "integer",
                    "required": True,
                    "max": 2000,
                },
                {"id": "quality", "label": "质量目标", "kind": "text", "required": True, "max": 50},
                {"id": "manager", "label": "项目负责人", "kind": "text", "required": True, "max": 50},
                {
                    "id": "manager_certificate",
                    "label": "注册证书编号",
                    "kind": "text",
                    "required": True,
                    "max": 50,
                },
            ]
        },
        "parts": [
            {"id": "summary", "label": "开标一览表", "max_size": MB, "public": True},
            {"id": "deposit", "label": "投标担保", "max_size": 8 * MB},
            {"id": "commercial", "label": "商务文件", "max_size": 64 * MB},
            {"id": "technical", "label": "技术文件", "max_size": 512 * MB},
        ],
    }
