"""The centre's rooms, who hosts in them, and what its witness saw (见证)."""
