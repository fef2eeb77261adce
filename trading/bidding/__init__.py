"""Bids: sealed uploads, submissions, receipts."""
