"""Every paper says what it must, in embedded fonts, the same each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import paper_samples as samples
import pytest
from pypdf import PdfReader

from govcore.pdf.document import DEMO_WATERMARK
from govcore.pdf.styles import GlyphMissing
from trading.award.papers import award_notice, candidate_publicity, result_notice
from trading.bidding.papers import bid_receipt
from trading.documents.book_paper import tender_documents
from trading.evaluation.papers import evaluation_report
from trading.opening.papers import opening_record
from trading.supervision.papers import circulated_notice, letter_to_supervisor
from trading.tender.notice_paper import tender_notice

PAPERS: dict[str, tuple[Callable[..., bytes], Any]] = {
    "notice": (tender_notice, samples.NOTICE),
    "documents": (tender_documents, samples.DOCUMENTS),
    "receipt": (bid_receipt, samples.RECEIPT),
    "record": (opening_record, samples.RECORD),
    "failed record": (opening_record, samples.FAILED_RECORD),
    "report": (evaluation_report, samples.REPORT),
    "publicity": (candidate_publicity, samples.PUBLICITY),
    "award": (award_notice, samples.AWARD),
    "result": (result_notice, samples.RESULT),
    "purchase": (tender_notice, samples.PURCHASE_NOTICE),
    "purchase's result": (result_notice, samples.PURCHASE_RESULT),
    "circulated": (circulated_notice, samples.CIRCULATED),
    "letter": (letter_to_supervisor, samples.LETTER),
}
SAYS: dict[str, tuple[str, ...]] = {
    "notice": (
        "临川市发展和改革委员会以临发改审〔2026〕18号文批准建设",
        "市级财政资金，已落实",
        "10,600,000.001,060.00万元",
        "2026年12月1日9时",
        "以平台公布的经签名的开标日程为准",
        "3.1具有水利水电工程施工总承包三级及以上资质。",
        "3.3本次招标不接受联合体投标。",
        "2026年11月10日9时至2026年11月30日24时",
        "https://jy.lc.example/t/1/bid",
        "行政监督部门临川市水利局",
    ),
    "documents": (
        "第三章评标办法（综合评估法）",
        "第七章投标文件格式",
        "自投标截止之日起90日历天",
        "开标一览表（不超过1MiB、1个文件）",
        "技术文件（不超过1GiB、200个文件，文件类型限pdf、xlsx）",
        "交易中心、招标人代表、行政监督部门，其中2方即可解密",
        "第1标段：10,600,000.00元第2标段：6,400,000.00元",
        "合计100",
        "投标函",
        "土方开挖m³42,000",
        "汛期服从防汛指挥机构的统一调度。",
    ),
    "receipt": (
        "R-0123456789ab",
        "2026-12-0108:40:00",
        "第2次",
        "1,234,567",
        samples.digest("manifest 1"),
        samples.digest("part 1"),
        samples.digest("leaf"),
        "MEUCIQDexample==",
    ),
    "record": (
        samples.LOT_CODE,
        "2026-12-0109:00:01",
        "递交3家，开启2家",
        "10,600,000.00元",
        "9,876,543.21玖佰捌拾柒万陆仟伍佰肆拾叁元贰角壹分",
        samples.uscc(1),
        samples.digest("manifest 1")[:16],
        samples.digest("manifest 3"),
        samples.digest("part 2"),
        "未能开启投标人原因E_PART_TRUNCATED",
        "赵某测137202600001",
        "电子保函200,000.00",
        "请说明最高投标限价。见招标公告。",
        samples.digest("log"),
        samples.digest("bids"),
        "1,234条",
    ),
    "failed record": (
        "共2家，少于3家",
        "《中华人民共和国招标投标法》第二十八条",
        "递交2家，开启0家",
        "未开启（密封）",
        samples.digest("manifest 2"),
    ),
    "report": (
        "专家A水利工程专家组长",
        "施工组织设计25.0021.0022.0023.5020.0024.00",
        "合计40.0033.0034.0035.5032.0036.00",
        "（汇总得分34.17）",
        "10,000,000.001.2549.38",
        "34.1750.0084.17",
        "第1名",
        "否决西泽市安澜建筑工程有限公司高于最高投标限价",
        "人民币玖佰捌拾柒万陆仟伍佰肆拾叁元贰角壹分",
        "评标委员会成员对本报告均无不同意见。",
        samples.digest("result"),
    ),
    "publicity": (
        "第1名临川江河水利工程有限公司",
        "9,876,543.21",
        "84.17",
        "2026年12月3日0时至2026年12月7日24时",
        "赵某测137202600001",
        "高于最高投标限价",
        "应当在公示期间通过交易平台向招标人提出",
    ),
    "award": (
        "编号：LC-2026-1",
        "临川江河水利工程有限公司：",
        "¥9,876,543.21元",
        "人民币玖佰捌拾柒万陆仟伍佰肆拾叁元贰角壹分",
        "290日历天",
        "2027年1月7日前",
        "人民币987,654.32元（大写：玖拾捌万柒仟陆佰伍拾肆元叁角贰分）",
        "2026年12月8日",
    ),
    "purchase": (
        "采购预算11,000,000.00元",
        "最高限价",
        "采购人临川市水文中心",
        "自本公告发布之日起5个工作日",
    ),
    "purchase's result": (
        "雷达水位计量程30m12套4,500.00",
        "四、评审专家名单甲某、乙某。",
        "可以在公告期限届满之日起七个工作日内以书面形式向采购人提出质疑",
    ),
    "result": ("中标结果公告", "987.654321万元", samples.uscc(1), "2026年12月7日24时公示"),
    "circulated": (
        "临川公资通〔2026〕1号",
        "关于临川衡正招标代理有限公司不当行为的通报",
        "各招标代理机构：",
        "“当日道路拥堵。”",
        "抄送：临川市水利局。",
        "2026年12月8日印发",
        samples.digest("patrol"),
    ),
    "letter": (
        "临川公资函〔2026〕1号",
        "关于临川衡正招标代理有限公司有关问题的函",
        "临川市水利局：",
        "该公司项目负责人迟到17分钟。",
        "于2026年12月22日前将处理情况函告我中心",
        "（联系人：李某；联系电话：0000-1234567）",
        "附件：证据材料清单",
        samples.digest("patrol"),
    ),
}


def words(paper: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(paper)).pages)


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_says_what_it_must(name: str) -> None:
    setting, values = PAPERS[name]

    text = words(setting(values))

    assert [part for part in SAYS[name] if part not in text] == []
    assert samples.PROJECT in text
    assert "校验码：7K2M-9QPX-41核验网址：https://jy.lc.example/check" in text
    assert "".join(DEMO_WATERMARK.split()) not in text


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_the_same_each_time_and_embeds_its_fonts(name: str) -> None:
    setting, values = PAPERS[name]

    first = setting(values, watermark=DEMO_WATERMARK)

    assert first == setting(values, watermark=DEMO_WATERMARK)
    for page in PdfReader(BytesIO(first)).pages:
        for font in page["/Resources"]["/Font"].get_object().values():
            assert "/FontFile2" in font.get_object()["/FontDescriptor"].get_object()
        assert "".join(DEMO_WATERMARK.split()) in "".join(page.extract_text().split())


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        (tender_notice, replace(samples.NOTICE, project="清水河☑")),
        (opening_record, replace(samples.RECORD, rows=[replace(samples.row(1), bidder="某𠮷公司")] * 3)),
        (letter_to_supervisor, replace(samples.LETTER, suggestion=["📐"])),
    ],
)
def test_an_unprintable_value_stops_the_paper(setting: Callable[..., bytes], values: Any) -> None:
    with pytest.raises(GlyphMissing):
        setting(values)


def test_a_failed_lot_reads_out_no_value() -> None:
    text = words(opening_record(replace(samples.FAILED_RECORD, rows=[samples.row(1), samples.row(2)])))

    secrets = ("9,876,543.21", "玖佰捌拾柒万", "赵某", "电子保函", "唱标", "密钥释放")
    assert [value for value in secrets if value in text] == []


def test_three_bids_are_enough_for_an_opening() -> None:
    assert [samples.RECORD.failed, samples.FAILED_RECORD.failed] == [False, True]


def test_at_most_three_candidates_are_recommended_in_their_order() -> None:
    first = samples.REPORT.ranking[0]
    ranking = [replace(first, rank=rank, bidder=f"第{rank}家") for rank in (4, 2, 1, 3)]

    report = replace(samples.REPORT, ranking=[*ranking, samples.REPORT.ranking[2]])

    assert [bid.bidder for bid in report.candidates] == ["第1家", "第2家", "第3家"]


def test_a_report_without_valid_bids_recommends_nobody() -> None:
    text = words(evaluation_report(replace(samples.REPORT, ranking=[samples.REPORT.ranking[2]])))

    assert "所有投标均被否决，本标段无中标候选人" in text


def test_silence_of_the_heard_party_is_said_so() -> None:
    silent = replace(samples.ACT, statement="", statement_at=None, evidence=[])

    text = words(circulated_notice(replace(samples.CIRCULATED, misconduct=silent)))

    assert "该单位在规定期限内未提出陈述申辩意见。" in text
    assert "附件" not in text


def test_the_contents_of_the_documents_name_the_pages_where_chapters_begin() -> None:
    pages = PdfReader(BytesIO(tender_documents(samples.DOCUMENTS))).pages
    contents = "".join(pages[1].extract_text().split())

    starts = {
        chapter: number
        for number, page in reversed(list(enumerate(pages, 1)))
        for chapter in ("第一章招标公告", "第三章评标办法（综合评估法）", "第七章投标文件格式")
        if number > 2 and chapter in "".join(page.extract_text().split())
    }
    assert len(starts) == 3
    assert [chapter for chapter, number in starts.items() if f"{chapter}{number}" not in contents] == []


def test_a_signed_paper_changes_with_what_it_says() -> None:
    later = replace(samples.RECEIPT, received_at=samples.RECEIPT.received_at + timedelta(seconds=1))

    assert bid_receipt(later) != bid_receipt(samples.RECEIPT)
