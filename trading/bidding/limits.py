"""The limits of a bid: stated before files are chosen, checked before a byte is sent and again at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bidding_docs.codes import OverLimit
from bidding_docs.content import MAX_NAME, check_names
from bidding_docs.manifests import PIECE_SIZE
from govcore.errors import Malformed, Problem
from trading.bidding.policy import CAPSULE_LIMIT, UPLOADS_KEPT
from trading.bidding.schemas import Limits, PartLimit, PartToSend
from trading.tender.schemas import TenderContent


class WrongType(Problem):
    """A file whose ending this part does not admit."""

    code = "E_TYPE"
    status = 422
    text = "{name} is not of a type that this part admits: {types}."


def limits_of(content: TenderContent) -> Limits:
    """What a tender allows, as its page, the API and the clients state it."""
    return Limits(
        parts=[
            PartLimit(part.id, part.label, part.max_size, part.max_files, part.types, part.blind)
            for part in content.parts
        ],
        max_total=content.total_limit,
        piece_size=PIECE_SIZE,
        max_name_bytes=MAX_NAME,
        max_capsule=CAPSULE_LIMIT,
        uploads_kept=UPLOADS_KEPT,
    )


def check_parts(parts: Sequence[PartToSend], content: TenderContent) -> None:
    """Raise `OverLimit` for a part or a sum that is too large, `Malformed` for a part named twice."""
    allowed = {part.id: part.max_size for part in content.parts}
    for part in parts:
        if part.size > allowed.get(part.id, 0):
            raise OverLimit(what=part.id, limit=allowed.get(part.id, 0))
    if sum(part.size for part in parts) > content.total_limit:
        raise OverLimit(what="the whole bid", limit=content.total_limit)
    if len({part.id for part in parts}) < len(parts) or len({part.sha256 for part in parts}) < len(parts):
        raise Malformed(detail="a part is named twice")


def check_files(files: Mapping[str, Sequence[tuple[str, int]]], limits: Limits) -> None:
    """Before sealing: hold names and sizes in bytes of the chosen files, by part, against the stated limits.

    Raises `OverLimit`, `BadContent` for a name, `WrongType` for an ending. Sealing adds padding and a header, so
    files that fill a part to the brim may still be too large when they are sealed.
    """
    for part in limits.parts:
        chosen = files.get(part.id, [])
        check_names([name for name, _ in chosen])
        if len(chosen) > part.max_files:
            raise OverLimit(what=f"{part.id}: {len(chosen)} files", limit=part.max_files)
        if sum(size for _, size in chosen) > part.max_size:
            raise OverLimit(what=part.id, limit=part.max_size)
        for name, _ in chosen:
            if part.types and name.rpartition(".")[2].lower() not in part.types:
                raise WrongType(name=name, types=", ".join(part.types))
