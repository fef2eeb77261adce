"""Deposits, guarantee letters, their ledger and refunds; knows lots and tenders by opaque ids only."""
