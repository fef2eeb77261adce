"""Sealed bids, protocol bs1: pure functions that know no database, no web and no tender's life."""
