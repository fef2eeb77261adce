"""Tenders: notice, documents, criteria, lots, key manifests and schedules."""
