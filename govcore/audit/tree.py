"""RFC 6962 Merkle trees: hashes, proofs and their verification; nothing here touches a database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

NodeSource = Callable[[int, int], bytes]
"""`node(height, index)`: the root of the complete subtree over leaves `index << height` onward."""

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over the hashes of equally high subtrees; the empty tree's root when there are none."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(row) - len(row) % 2 :]
    return row[0]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over entries (not their hashes)."""
    return fold([leaf_hash(leaf) for leaf in leaves])


class Frontier:
    """The roots of the complete subtrees at the right edge: enough to append and to know the root."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    @classmethod
    def of(cls, node: NodeSource, size: int) -> Frontier:
        """The frontier of a tree that is there already; only its root tells whether the nodes were the right ones."""
        found = cls()
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                found._edge.append((height, node(height, found.size >> height)))
                found.size += 1 << height
        return found

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        height, digest = 0, leaf
        while self._edge and self._edge[-1][0] == height:
            digest = node_hash(self._edge.pop()[1], digest)
            height += 1
        self._edge.append((height, digest))
        self.size += 1

    def root(self) -> bytes:
        if not self._edge:
            return EMPTY_ROOT
        digest = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            digest = node_hash(left, digest)
        return digest


def subtree_root(node: NodeSource, low: int, high: int) -> bytes:
    """The root over leaves `low` to `high - 1`, where `low` is aligned as RFC 6962 splits trees."""
    size = high - low
    if size <= 0:
        return EMPTY_ROOT
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return node(height, low >> height)
    middle = low + _split(size)
    return node_hash(subtree_root(node, low, middle), subtree_root(node, middle, high))


def inclusion_path(node: NodeSource, index: int, size: int) -> list[bytes]:
    """RFC 6962 section 2.1.1; raises `ValueError` when the tree has no such leaf."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(subtree_root(node, middle, high))
            high = middle
        else:
            path.append(subtree_root(node, low, middle))
            low = middle
    return path[::-1]


def consistency_path(node: NodeSource, old: int, new: int) -> list[bytes]:
    """RFC 6962 section 2.1.2; empty from the empty tree and between equal sizes."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not extend one of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high, whole = 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(subtree_root(node, middle, high))
            high = middle
        else:
            path.append(subtree_root(node, low, middle))
            low, whole = middle, False
    if not whole:
        path.append(subtree_root(node, low, high))
    return path[::-1]


def verify_inclusion(*, leaf: bytes, index: int, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162 section 2.1.3.2, over the leaf's hash."""
    if not 0 <= index < size:
        return False
    position, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            digest = node_hash(sibling, digest)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and digest == root


def verify_consistency(
    *, old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """RFC 9162 section 2.1.4.2; every tree extends the empty one."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    if old == new:
        return not path and old_root == new_root
    hashes = list(path)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)
