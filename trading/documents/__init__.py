"""Tender documents: versions with their data, drafts, checks, bills of quantities, receipts for downloads."""
