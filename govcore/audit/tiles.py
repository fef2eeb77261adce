"""C2SP tlog-tiles: paths, tiles of 256 hashes and bundles of 256 entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from govcore.audit.tree import NodeSource, fold

WIDTH = 256
HASH = 32
LEVELS = 8
"""A tree of 2**63 leaves has no more levels of tiles."""

TileSource = Callable[[int, int], bytes]
"""`tile(level, n)`: the hashes of a tile as far as they exist."""

_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


class TileError(ValueError):
    """A path or blob that tlog-tiles does not define."""


@dataclass(frozen=True, slots=True)
class TileRef:
    """A tile of hashes, or of entries when `level` is None; `width` below 256 makes it partial."""

    level: int | None
    n: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        groups = [f"{self.n % 1000:03d}"]
        rest = self.n // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        kind = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{'/'.join(groups)}{partial}"


def parse_path(path: str) -> TileRef:
    """The tile that a path names; raises `TileError` for every spelling but the one of the specification."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise TileError(f"not a tile path: {path}")
    kind, digits, width = match.groups()
    n = int(digits.replace("x", "").replace("/", ""))
    ref = TileRef(None if kind == "entries" else int(kind), n, int(width or WIDTH))
    if ref.path != path:
        raise TileError(f"not a tile path: {path}")
    return ref


def tiles_of(size: int) -> list[TileRef]:
    """Every tile and bundle of a tree, partial ones at its right edge."""
    refs = list(_row(None, size))
    for level in range(LEVELS):
        refs += _row(level, size >> (8 * level))
    return refs


def _row(level: int | None, count: int) -> Iterable[TileRef]:
    for n in range(count // WIDTH):
        yield TileRef(level, n)
    if count % WIDTH:
        yield TileRef(level, count // WIDTH, count % WIDTH)


def edge_of(size: int) -> list[TileRef]:
    """The partial tiles of hashes at the right edge: with them a tree can grow and be rooted."""
    rows = [(level, size >> (8 * level)) for level in range(LEVELS)]
    return [TileRef(level, count // WIDTH, count % WIDTH) for level, count in rows if count % WIDTH]


def grow(*, size: int, edge: Mapping[int, bytes], leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """The tiles, by level and number, that change when leaf hashes are appended to a tree of `size`."""
    changed: dict[tuple[int, int], bytes] = {}
    level, hashes, start = 0, list(leaves), size
    while hashes:
        n, row = divmod(start, WIDTH)
        data = edge[level] if row else b""
        parents: list[bytes] = []
        done = 0
        while done < len(hashes):
            room = WIDTH - len(data) // HASH
            data += b"".join(hashes[done : done + room])
            done += room
            changed[level, n] = data
            if len(data) == WIDTH * HASH:
                parents.append(fold(split_hashes(data)))
                n, data = n + 1, b""
        level, hashes, start = level + 1, parents, start // WIDTH
    return changed


def node_source(tile: TileSource) -> NodeSource:
    """Subtree roots computed from tiles; raises `TileError` when a tile is too short."""

    def node(height: int, index: int) -> bytes:
        level, inside = divmod(height, 8)
        first = index << inside
        n, offset = divmod(first, WIDTH)
        hashes = split_hashes(tile(level, n))[offset : offset + (1 << inside)]
        if len(hashes) != 1 << inside:
            raise TileError(f"tile {level}/{n} lacks hashes")
        return fold(hashes)

    return node


def split_hashes(data: bytes) -> list[bytes]:
    if len(data) % HASH:
        raise TileError("a tile is not made of whole hashes")
    return [data[i : i + HASH] for i in range(0, len(data), HASH)]


def pack_entry(entry: bytes) -> bytes:
    """An entry after its length in two bytes."""
    return len(entry).to_bytes(2, "big") + entry


def split_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; raises `TileError` when it ends inside one."""
    entries: list[bytes] = []
    position = 0
    while position < len(data):
        end = position + 2 + int.from_bytes(data[position : position + 2], "big")
        if end > len(data) or position + 2 > len(data):
            raise TileError("a bundle ends inside an entry")
        entries.append(data[position + 2 : end])
        position = end
    return entries
