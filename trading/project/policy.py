"""Categories of trade and what a project's code looks like."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """Kinds of project; each has its own supervising department (domain: 实施条例 art. 4)."""

    BUILDING = "building"
    MUNICIPAL = "municipal"
    WATER = "water"
    TRANSPORT = "transport"
    PROCUREMENT = "procurement"


CATEGORY_NAMES = {
    Category.BUILDING: "Building works",
    Category.MUNICIPAL: "Municipal works",
    Category.WATER: "Water conservancy works",
    Category.TRANSPORT: "Transport works",
    Category.PROCUREMENT: "Government procurement",
}
