"""Numbers of official papers: one gap-free series per organ and year."""
