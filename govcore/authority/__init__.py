"""Who may do what: roles and their permissions, duties that are kept apart, acts that need two people."""
