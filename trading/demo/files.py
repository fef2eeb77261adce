"""The files of the demo's bidders: real PDFs, bills of quantities and ZIPs of 1 to 60 MB with awkward names."""

from __future__ import annotations

import random
import zipfile
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from govcore.pdf.blocks import paragraph
from govcore.pdf.blocks import title as heading
from govcore.pdf.document import render

MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Work:
    """One line of the bill of quantities: name, unit, quantity, share of the price in thousandths."""

    name: str
    unit: str
    quantity: int
    share: int


BILL = (
    Work("土方开挖", "m³", 42_000, 120),
    Work("浆砌石护坡", "m³", 8_600, 260),
    Work("C25 混凝土压顶", "m³", 1_150, 90),
    Work("闸室钢筋混凝土", "m³", 960, 230),
    Work("闸门及启闭机安装", "套", 4, 200),
    Work("临时工程与安全文明施工", "项", 1, 100),
)


def write_bid_files(
    folder: Path, *, bidder: str, price_fen: int, megabytes: int, seed: int
) -> dict[str, list[Path]]:
    """Write a bidder's files by part; `megabytes` is the size of the largest one."""
    commercial, technical = folder / "商务", folder / "技术"
    commercial.mkdir(parents=True)
    technical.mkdir()
    letter = commercial / "投标函（盖章）.pdf"
    letter.write_bytes(
        _pdf("投标函", [f"{bidder}愿以本函所附报价承担本标段施工。", "本函自投标截止之日起九十日内有效。"])
    )
    bill = commercial / "已标价工程量清单 №2.xlsx"
    _write_bill(bill, price_fen)
    plan = technical / "施工组织设计.pdf"
    plan.write_bytes(_pdf("施工组织设计", _plan_text(bidder)))
    drawings = technical / "附图📐 与 照片 (1).zip"
    _write_zip(drawings, megabytes * MB, seed)
    return {"commercial": [letter, bill], "technical": [plan, drawings]}


def _pdf(title: str, lines: list[str]) -> bytes:
    return render([*heading(title), *(paragraph(line) for line in lines)], title=title)


def _plan_text(bidder: str) -> list[str]:
    chapters = (
        "工程概况",
        "施工导流与度汛",
        "土方与护坡施工",
        "混凝土与钢筋施工",
        "质量保证",
        "安全与环境",
        "进度计划",
    )
    return [
        f"{n}. {chapter}：{bidder}按批准的设计和规范组织实施，设专人检查并留存记录。"
        for n, chapter in enumerate(chapters, 1)
    ]


def _write_bill(path: Path, price_fen: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工程量清单")
    sheet.append(["序号", "项目", "单位", "工程量", "合价（元）"])
    for number, work in enumerate(BILL, 1):
        sheet.append([number, work.name, work.unit, work.quantity, price_fen * work.share / 100_000])
    sheet.append(["", "合计", "", "", price_fen / 100])
    book.save(path)


def _write_zip(path: Path, size: int, seed: int) -> None:
    """A ZIP of photographs' worth of incompressible bytes, the same for the same seed."""
    noise = random.Random(seed)  # noqa: S311 - filler of demo files, no secret
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(4):
            archive.writestr(f"照片/现场 {number + 1}.jpg", noise.randbytes(size // 4))
