"""Who acts: organisations, users, roles, sessions."""
