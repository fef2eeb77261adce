"""What the report calls its parts and findings; the keys of the catalogue."""

from __future__ import annotations

from trading.billcheck.policy import Finding, Group

GROUP_WORDS = {
    Group.STRUCTURE: "Structure and omissions",
    Group.PRICES: "Missing, zero and negative prices",
    Group.ARITHMETIC: "Arithmetic",
    Group.FEES: "Fees and their base",
    Group.BALANCE: "Unit prices that stand out",
}

FINDING_WORDS = {
    Finding.UNREADABLE: "Cannot be read",
    Finding.MISSING: "Line is missing",
    Finding.EXTRA: "Line is not in the tender's bill",
    Finding.TWICE: "Line stands twice",
    Finding.RENAMED: "Name was changed",
    Finding.UNIT: "Unit was changed",
    Finding.QUANTITY: "Quantity was changed",
    Finding.NO_PRICE: "No unit price",
    Finding.ZERO: "Unit price is zero",
    Finding.NEGATIVE: "Unit price is negative",
    Finding.OVER_LIMIT: "Unit price above its limit",
    Finding.LINE_TOTAL: "Quantity times unit price differs",
    Finding.SECTION_TOTAL: "Total of the section differs",
    Finding.FEE_BASE: "Base of the fee differs",
    Finding.FEE_AMOUNT: "Base times rate differs",
    Finding.BID_TOTAL: "Sum differs from the price read out",
    Finding.UNBALANCED: "Far from the mean of all bids",
}
