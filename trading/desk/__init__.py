"""First pages: what is public, and for each role what to do next."""
