"""Objections, queries, challenges and complaints: one engine, the regime as a table."""
