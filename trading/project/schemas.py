"""Messages of the project API."""

from __future__ import annotations

from typing import Annotated

import msgspec

from trading.project.policy import Category


class NewProject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A project to register: organisations by their ids, the division by its six digits (GB/T 2260)."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    category: Category
    division: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}$")]
    tenderer_id: str
    regulator_id: str


class ProjectRegistered(msgspec.Struct):
    id: str
    code: str
