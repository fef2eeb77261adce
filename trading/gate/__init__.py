"""The time gate: it holds one key of every bid and lets it go only after it has seen for itself that it may.

It is meant to be run by somebody else than the platform. It shares formats with the platform, and no database; the
rule set `demo` runs the same code inside the platform.
"""
