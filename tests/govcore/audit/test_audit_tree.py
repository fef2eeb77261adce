"""The tree against RFC 6962's definition, and proofs against every neighbour that must be refused."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from govcore.audit import tiles, tree


def definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + definition(leaves[:split]) + definition(leaves[split:])).digest()


def entries(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


def source(count: int) -> tree.NodeSource:
    stored = tiles.grow(size=0, edge={}, leaves=[tree.leaf_hash(entry) for entry in entries(count)])
    return tiles.node_source(lambda level, n: stored[level, n])


SIZES = st.integers(min_value=1, max_value=700)


def test_empty_tree_has_the_hash_of_nothing() -> None:
    expected = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

    assert tree.root_of([]) == expected
    assert tree.Frontier().root() == expected


@given(SIZES)
def test_three_ways_to_the_root_agree_with_the_definition(size: int) -> None:
    frontier = tree.Frontier()
    for entry in entries(size):
        frontier.append(tree.leaf_hash(entry))

    expected = definition(entries(size))

    assert tree.root_of(entries(size)) == expected
    assert frontier.root() == expected
    assert tree.subtree_root(source(size), 0, size) == expected


@given(SIZES, st.data())
def test_inclusion_is_proved_for_its_place_only(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    other = data.draw(st.integers(min_value=0, max_value=size).filter(lambda value: value != index))
    root, leaf = definition(entries(size)), tree.leaf_hash(entries(size)[index])

    path = tree.inclusion_path(source(size), index, size)

    def verify(**changes: object) -> bool:
        given = {"leaf": leaf, "index": index, "size": size, "root": root, "path": path} | changes
        return tree.verify_inclusion(**given)  # type: ignore[arg-type]

    assert verify()
    assert not verify(index=other)
    assert not verify(leaf=tree.leaf_hash(b"another"))
    assert not verify(root=tree.leaf_hash(b"another"))
    assert not verify(path=[*path, root])
    assert not path or not verify(path=path[:-1])


@given(SIZES, st.data())
def test_consistency_is_proved_for_its_two_trees_only(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(min_value=1, max_value=size))
    old_root, new_root = definition(entries(old)), definition(entries(size))

    path = tree.consistency_path(source(size), old, size)

    def verify(**changes: object) -> bool:
        given = {"old": old, "new": size, "old_root": old_root, "new_root": new_root, "path": path} | changes
        return tree.verify_consistency(**given)  # type: ignore[arg-type]

    assert verify()
    assert not verify(old_root=tree.leaf_hash(b"another"))
    assert not verify(new_root=tree.leaf_hash(b"another"))
    assert not verify(path=[*path, old_root])
    assert not path or not verify(path=path[:-1])


def test_every_tree_extends_the_empty_one() -> None:
    root = definition(entries(3))

    assert tree.verify_consistency(old=0, new=3, old_root=tree.EMPTY_ROOT, new_root=root, path=[])
    assert not tree.verify_consistency(old=0, new=3, old_root=root, new_root=root, path=[])


@given(st.lists(st.integers(min_value=1, max_value=300), min_size=1, max_size=5))
def test_growing_in_steps_stores_the_tiles_of_growing_at_once(steps: list[int]) -> None:
    leaves = [tree.leaf_hash(entry) for entry in entries(sum(steps))]
    stored: dict[tuple[int, int], bytes] = {}
    size = 0
    for step in steps:
        edge = {ref.level: stored[ref.level, ref.n] for ref in tiles.edge_of(size) if ref.level is not None}
        stored |= tiles.grow(size=size, edge=edge, leaves=leaves[size : size + step])
        size += step

    assert stored == tiles.grow(size=0, edge={}, leaves=leaves)
