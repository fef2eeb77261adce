"""Who acts: organisations, users, roles, sessions, certificates."""
