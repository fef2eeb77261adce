"""Numbers in addresses, within what databases and browsers can hold; beyond it an address is malformed."""

from __future__ import annotations

from typing import Annotated

from litestar.params import PathParameter, QueryParameter

MOST = 2**53 - 1

QueryNumber = Annotated[int, QueryParameter(ge=0, le=MOST)]
QueryNumberOrNone = Annotated[int | None, QueryParameter(ge=0, le=MOST)]
PathNumber = Annotated[int, PathParameter(ge=0, le=MOST)]
