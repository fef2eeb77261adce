"""The papers of a tender: its notice (招标公告) and its documents (招标文件)."""

from trading.tender.book_paper import BidPart, BillItem, CriterionRow, TenderDocuments, tender_documents
from trading.tender.notice_paper import NoticeLot, TenderNotice, tender_notice

__all__ = [
    "BidPart",
    "BillItem",
    "CriterionRow",
    "NoticeLot",
    "TenderDocuments",
    "TenderNotice",
    "tender_documents",
    "tender_notice",
]
