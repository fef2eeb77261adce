"""A witness: it cosigns the checkpoints of pinned logs, and never two histories of one log.

It is meant to be run by somebody else than the log, and shares nothing with the platform but the formats.
"""
