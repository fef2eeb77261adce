"""Who may bid: the review of sealed applications, those who passed, and those who are invited."""
