"""Paths, bundles, notes and entries, against the examples of their specifications."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_factories import KEY, ORIGIN, VKEY, Key

from govcore.audit import entries, note, tiles
from govcore.audit.tiles import TileError, TileRef


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        (TileRef(0, 0), "tile/0/000"),
        (TileRef(1, 1234067), "tile/1/x001/x234/067"),
        (TileRef(0, 1234067, 5), "tile/0/x001/x234/067.p/5"),
        (TileRef(None, 273, 112), "tile/entries/273.p/112"),
        (TileRef(None, 1000), "tile/entries/x001/000"),
    ],
)
def test_a_tile_has_one_path(ref: TileRef, path: str) -> None:
    assert ref.path == path
    assert tiles.parse_path(path) == ref


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/1",
        "tile/0/0001",
        "tile/00/001",
        "tile/0/x000/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/05",
        "tile/0/../001",
        "tile/data/001",
        "checkpoint",
    ],
)
def test_other_spellings_of_a_path_are_refused(path: str) -> None:
    with pytest.raises(TileError):
        tiles.parse_path(path)


@given(st.lists(st.binary(max_size=300), max_size=40))
def test_a_bundle_gives_back_its_entries(packed: list[bytes]) -> None:
    bundle = b"".join(map(tiles.pack_entry, packed))

    assert tiles.split_bundle(bundle) == packed


def test_a_bundle_that_ends_inside_an_entry_is_refused() -> None:
    with pytest.raises(TileError):
        tiles.split_bundle(tiles.pack_entry(b"entry")[:-1])


def test_the_tiles_of_a_tree_of_70000_are_those_of_the_specification() -> None:
    refs = [ref.path for ref in tiles.tiles_of(70_000) if ref.level is not None and ref.level > 0]

    assert refs == ["tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert tiles.TileRef(0, 273, 112) in tiles.tiles_of(70_000)


def test_a_checkpoint_is_three_signed_lines() -> None:
    root = hashlib.sha256(b"root").digest()

    signed = note.sign(note.TreeHead(ORIGIN, 64, root), KEY)

    lines = signed.split("\n")
    assert lines[:4] == [ORIGIN, "64", "SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=", ""]
    parsed = note.parse_note(signed)
    assert note.parse_head(parsed.text) == note.TreeHead(ORIGIN, 64, root)
    assert parsed.signed_by(VKEY)
    assert not parsed.signed_by(note.VerifierKey(ORIGIN, Key(b"o" * 32).public_bytes))


def test_a_changed_checkpoint_is_not_signed() -> None:
    signed = note.sign(note.TreeHead(ORIGIN, 64, bytes(32)), KEY)

    assert not note.parse_note(signed.replace("\n64\n", "\n65\n")).signed_by(VKEY)


def test_a_verifier_key_of_the_go_documentation_is_read() -> None:
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    key = note.parse_vkey(text)

    assert (key.name, key.id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", text)


def test_the_signed_note_of_the_go_documentation_verifies() -> None:
    key = note.parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    signed = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )

    assert note.parse_note(signed).signed_by(key)
    assert not note.parse_note(signed.replace("answer", "Answer")).signed_by(key)


def test_a_witness_signs_its_time_too() -> None:
    witness = note.VerifierKey("witness.example", KEY.public_bytes, note.COSIGNATURE)
    text = note.TreeHead(ORIGIN, 64, bytes(32)).text
    stamped = (1_790_000_000).to_bytes(8, "big")
    signature = KEY.sign(b"cosignature/v1\ntime 1790000000\n" + text.encode())
    line = note.signature_line(witness, stamped + signature)

    assert note.parse_note(f"{text}\n{line}").signed_by(witness)
    assert not note.parse_note(f"{text.replace('64', '65')}\n{line}").signed_by(witness)


def test_an_event_has_one_spelling() -> None:
    at = datetime(2026, 12, 1, 1, 0, 0, 999_999, tzinfo=UTC)

    event = entries.event_bytes(
        type="bid.received", subject="bid-1", at=at, actor="u-1", data={"名": "甲", "n": 3, "ok": True}
    )

    assert event.decode() == (
        '{"v":1,"type":"bid.received","subject":"bid-1","at":"2026-12-01T01:00:00Z","actor":"u-1",'
        '"data":{"名":"甲","n":3,"ok":true}}'
    )


def test_a_private_entry_is_33_blinded_bytes() -> None:
    nonce = bytes(range(32))

    entry = entries.entry_bytes(b"{}", nonce)

    assert entry == b"\x01" + hashlib.sha256(b"bidseal/v1/leaf\n" + nonce + b"{}").digest()
    assert entries.entry_bytes(b"{}", None) == b"\x02{}"


@pytest.mark.parametrize("data", [{"price": 1.5}, {"at": datetime(2026, 1, 1, tzinfo=UTC)}, {1: "x"}])
def test_what_has_two_spellings_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(entries.EntryError):
        entries.event_bytes(
            type="bid.received", subject="b", at=datetime(2026, 1, 1, tzinfo=UTC), actor="u", data=data
        )


def test_an_event_that_no_bundle_can_hold_is_refused() -> None:
    with pytest.raises(entries.EntryError):
        entries.event_bytes(
            type="t", subject="b", at=datetime(2026, 1, 1, tzinfo=UTC), actor="u", data={"x": "x" * 70_000}
        )


GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_the_note_of_the_go_packages_documentation_verifies() -> None:
    """golang.org/x/mod/sumdb/note, where the format comes from."""
    signed = note.parse_note(GO_NOTE)

    assert signed.signed_by(note.parse_vkey(GO_VKEY))
    assert str(note.parse_vkey(GO_VKEY)) == GO_VKEY
    assert not note.parse_note(GO_NOTE.replace("answer", "Answer")).signed_by(note.parse_vkey(GO_VKEY))


@pytest.mark.parametrize(
    "vkey",
    [
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
        "+5202289b+Af/cLU2Y5BJNP+r3iMDC+av9eWCD0fBJVDfzAux5zxAP",
    ],
)
def test_the_keys_of_public_logs_are_read(vkey: str) -> None:
    assert str(note.parse_vkey(vkey)) == vkey
    with pytest.raises(note.NoteError):
        note.parse_vkey(vkey.replace("+", "+0", 1))


def test_the_cosigned_checkpoint_of_the_specification_is_read() -> None:
    text = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ"
        "qhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )

    signed = note.parse_note(text)

    assert note.parse_head(signed.text).size == 20852163
    (log, log_raw), (witness, witness_raw) = signed.signatures
    assert (log, len(log_raw)) == ("example.com/behind-the-sofa", 4 + 64)
    assert (witness, len(witness_raw)) == ("witness.example.com/w1", 4 + 8 + 64)
    assert int.from_bytes(witness_raw[4:12], "big") == 1679315147  # the time in the specification's example


def test_a_cosignature_line_gives_back_its_time_and_no_other_key_accepts_it() -> None:
    text = note.TreeHead(ORIGIN, 64, bytes(32)).text
    witness = note.VerifierKey("w.example", KEY.public_bytes, note.COSIGNATURE)

    signed = note.parse_note(f"{text}\n{note.cosign(text, name='w.example', signer=KEY, seconds=77)}")

    assert signed.cosigned_at(witness) == 77
    assert signed.cosigned_at(VKEY) is None
    assert signed.cosigned_at(note.VerifierKey("w.example", Key(b"x" * 32).public_bytes, 4)) is None
