"""Certificates: the registration CA, what it issued, and other authorities that are trusted."""
