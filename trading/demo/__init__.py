"""A clearly fictional city and one whole tender in it, run through the real commands."""
