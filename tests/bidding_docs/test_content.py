"""Archives: one reading, exact padding, safe names."""

from __future__ import annotations

import io
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding_docs import content
from bidding_docs.archive_reader import extract, read_archive
from bidding_docs.capsules import Context
from bidding_docs.codes import BadContent, ContextMismatch
from bidding_docs.encoding import encode, sha256_hex

CTX = Context(
    tender_id="t",
    lot_id="l",
    round=1,
    key_manifest_sha256="0" * 64,
    bidder_id="91330000MA00000001",
    part_id="technical",
    recipient="age1" + "q" * 58,
)
AWKWARD = [
    "技术标/第一章 总则/施工组织设计（最终版）.pdf",
    "😀👩‍👩‍👧.txt",
    "مناقصة/עברית.txt",
    "a" * 251 + ".pdf",
    "CON",
    "aux.txt",
    " leading and trailing ",
    "-rf",
    "...",
    "quote\"'`$(x);&|<>*?.txt",
    "C",
    "résumé.doc",
]


def archive(*files: tuple[str, bytes | Path]) -> bytes:
    return content.PartArchive(CTX, list(files)).read()


def test_awkward_names_come_back_with_their_bytes(tmp_path: Path) -> None:
    files = [(name, f"content of {name}".encode()) for name in AWKWARD]
    stream = io.BytesIO(archive(*files))

    written = extract(stream, read_archive(stream, ctx=CTX), tmp_path / "out")

    assert [(one.name, one.sha256) for one in written] == [
        (unicodedata.normalize("NFC", name), sha256_hex(data)) for name, data in files
    ]
    for one, (_, data) in zip(written, files, strict=True):
        assert tmp_path.joinpath("out", one.name).read_bytes() == data


def test_the_standard_library_reads_the_same_members() -> None:
    data = archive(("投标函.pdf", b"letter"), ("folder/清单.xlsx", b"x" * 70_000))

    with zipfile.ZipFile(io.BytesIO(data)) as plain:
        assert plain.testzip() is None
        names = [content.CONTEXT_MEMBER, "投标函.pdf", "folder/清单.xlsx", content.PAD_MEMBER]
        assert plain.namelist() == names
        assert plain.read(content.CONTEXT_MEMBER) == encode(CTX)
        assert set(plain.read(content.PAD_MEMBER)) <= {0}


@settings(max_examples=40)
@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=4))
def test_the_length_is_padded_and_known_beforehand(sizes: list[int]) -> None:
    part = content.PartArchive(CTX, [(f"{place}.bin", bytes(size)) for place, size in enumerate(sizes)])
    length = part.length

    data = part.read()

    assert len(data) == length == content.padme(length) >= content.SMALLEST
    assert length <= max(content.SMALLEST, (sum(sizes) + 2000) * 1.13)
    assert len(read_archive(io.BytesIO(data), ctx=CTX)) == len(sizes)


def test_small_parts_have_one_length_whatever_their_price() -> None:
    assert len(archive(("p", b"1"))) == len(archive(("p", b"123456789012"))) == content.SMALLEST


@pytest.mark.parametrize(
    ("length", "padded"), [(1, 1), (9, 10), (65_536, 65_536), (65_537, 67_584), (1_000_001, 1_015_808)]
)
def test_padme_keeps_a_few_leading_bits(length: int, padded: int) -> None:
    assert content.padme(length) == padded


@pytest.mark.parametrize(
    "name",
    [
        "../up",
        "a/../../up",
        "/absolute",
        "back\\slash",
        "C:/drive",
        "c:",
        "new\nline",
        "nul\x00",
        "\x85",
        "a//b",
        "folder/",
        "",
        ".",
        "a" * 256,
        "文" * 86,
        "a/" * 600 + "b",
        ".pad",
        "bid-context.json",
        "bid-context.json/x",
        "\ud800",
    ],
)
def test_unsafe_names_are_not_sealed(name: str) -> None:
    with pytest.raises(BadContent):
        archive((name, b""))


def test_two_names_that_become_one_are_not_sealed() -> None:
    with pytest.raises(BadContent):
        archive(("é", b"1"), ("e\u0301", b"2"))
    with pytest.raises(BadContent):
        archive(("a", b"1"), ("a/b", b"2"))


def test_a_file_that_grows_or_shrinks_while_it_is_sealed_stops_the_sealing(tmp_path: Path) -> None:
    path = tmp_path / "offer"
    for changed in (b"1", b"1234"):
        path.write_bytes(b"12")
        part = content.PartArchive(CTX, [("offer", path)])
        path.write_bytes(changed)
        with pytest.raises(BadContent):
            part.read()


def zipped(
    names: list[tuple[str, bytes]], *, change: Callable[[zipfile.ZipInfo], None] = lambda _: None
) -> bytes:
    """An archive by the standard library, padded as the protocol asks, for attacks on the form."""

    def make(pad: int) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
            for name, data in [*names, (content.PAD_MEMBER, bytes(pad))]:
                info = zipfile.ZipInfo(name)
                change(info)
                made.writestr(info, data)
        return out.getvalue()

    bare = len(make(0))
    return make(content.padme(max(bare, content.SMALLEST)) - bare)


def test_an_archive_of_the_standard_library_is_read_too() -> None:
    data = zipped([(content.CONTEXT_MEMBER, encode(CTX)), ("价格.json", b"1")])

    assert [member.name for member in read_archive(io.BytesIO(data), ctx=CTX)] == ["价格.json"]


def context() -> tuple[str, bytes]:
    return content.CONTEXT_MEMBER, encode(CTX)


def compressed(info: zipfile.ZipInfo) -> None:
    info.compress_type = zipfile.ZIP_DEFLATED


def commented(info: zipfile.ZipInfo) -> None:
    info.comment = b"other price"


def linked(info: zipfile.ZipInfo) -> None:
    info.external_attr = 0o120777 << 16


def renamed(info: zipfile.ZipInfo) -> None:
    info.extra = struct.pack("<2HB", 0x7075, 5, 1) + bytes(4)


@pytest.mark.parametrize("change", [compressed, commented, linked, renamed])
def test_members_with_a_second_truth_are_refused(change: Callable[[zipfile.ZipInfo], None]) -> None:
    data = zipped([context(), ("price", b"1" * 50)], change=change)

    with pytest.raises(BadContent):
        read_archive(io.BytesIO(data), ctx=CTX)


@pytest.mark.parametrize(
    "names",
    [
        [("price", b"1")],
        [("price", b"1"), (content.CONTEXT_MEMBER, encode(CTX))],
        [(content.CONTEXT_MEMBER, encode(CTX)), ("../price", b"1")],
        [(content.CONTEXT_MEMBER, encode(CTX)), ("e\u0301", b"1")],
        [(content.CONTEXT_MEMBER, encode(CTX)), ("folder/", b"")],
        [(content.CONTEXT_MEMBER, b" " + encode(CTX)), ("price", b"1")],
        [(content.CONTEXT_MEMBER, b" " * 5000), ("price", b"1")],
    ],
)
def test_archives_without_the_documented_order_or_names_are_refused(names: list[tuple[str, bytes]]) -> None:
    with pytest.raises(BadContent):
        read_archive(io.BytesIO(zipped(names)), ctx=CTX)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_two_prices_of_one_name_is_refused() -> None:
    data = zipped([context(), ("price", b"1"), ("price", b"2")])

    with pytest.raises(BadContent):
        read_archive(io.BytesIO(data), ctx=CTX)


def test_another_bids_archive_is_refused() -> None:
    with pytest.raises(ContextMismatch) as caught:
        read_archive(
            io.BytesIO(archive(("p", b"1"))),
            ctx=Context(**{name: getattr(CTX, name) for name in CTX.__struct_fields__} | {"lot_id": "x"}),
        )

    assert caught.value.data == {"field": "lot_id"}


def cut_in(data: bytes) -> bytes:
    """Hide a second local header between two members, the directory's offsets moved along."""
    place = data.index(b"PK\x03\x04", 10)
    end = data.rindex(b"PK\x05\x06")
    moved = data[:place] + b"other price" + data[place:end]
    start = struct.unpack_from("<L", data, end + 16)[0] + 11
    return moved + data[end : end + 16] + struct.pack("<L", start) + data[end + 20 :]


ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "prefix": lambda data: b"x" + data,
    "suffix": lambda data: data + b"\x00",
    "cut": lambda data: data[:-1],
    "comment": lambda data: data[:-2] + b"\x01\x00x",
    "hidden": cut_in,
    "local name": lambda data: data.replace(b"price", b"PRICE", 1),
    "central name": lambda data: data[::-1].replace(b"ecirp", b"ECIRP", 1)[::-1],
    "bytes": lambda data: data.replace(b"4711", b"4712", 1),
    "padding": lambda data: data.replace(b"\x00" * 64, b"\x00" * 63 + b"\x01", 1),
    "descriptor": lambda data: data.replace(b"PK\x07\x08", b"PK\x07\x09", 1),
    "empty": lambda _: b"",
    "not a zip": lambda _: b"%PDF" * 30_000,
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_altered_archive_is_refused(attack: Callable[[bytes], bytes]) -> None:
    data = archive(("price", b"4711"))

    with pytest.raises(BadContent):
        read_archive(io.BytesIO(attack(data)), ctx=CTX)


@settings(max_examples=150)
@given(st.data())
def test_any_altered_byte_is_refused_or_leaves_the_same_reading(data: st.DataObject) -> None:
    original = archive(("price", b"4711"))
    altered = bytearray(original)
    start = original.index(b".pad") + 4
    place = data.draw(st.one_of(st.integers(0, start), st.integers(len(original) - 400, len(original) - 1)))
    altered[place] ^= data.draw(st.integers(1, 255))

    try:
        members = read_archive(io.BytesIO(bytes(altered)), ctx=CTX)
    except (BadContent, ContextMismatch):
        return

    with zipfile.ZipFile(io.BytesIO(bytes(altered))) as other:
        assert [member.name for member in members] == ["price"]
        assert other.read("price") == b"4711"


def test_nothing_is_written_over_what_is_there(tmp_path: Path) -> None:
    stream = io.BytesIO(archive(("price", b"4711")))
    (tmp_path / "price").write_bytes(b"other")

    with pytest.raises(FileExistsError):
        extract(stream, read_archive(stream, ctx=CTX), tmp_path)

    assert (tmp_path / "price").read_bytes() == b"other"


def test_lengths_above_four_gigabytes_are_laid_out_with_long_records() -> None:
    big = content.Item("big", 5 << 30, None)
    after = content.Item("after", 1, b"x")
    entry = content._entry(after, 0, 5 << 30)

    assert content._finished([big, after]) == (
        (30 + 3 + (5 << 30) + 24) + (30 + 5 + 1 + 16) + (46 + 3 + 28) + (46 + 5 + 28) + 56 + 20 + 22
    )
    assert entry[-28:] == struct.pack("<2H3Q", 1, 24, 1, 1, 5 << 30)
