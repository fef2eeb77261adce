"""The one linear history of the built-in modules' schema."""
