"""Openings: closing, custodians, gate, read-out, record."""
