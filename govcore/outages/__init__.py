"""Outages of the platform: what probers measured from outside, and what follows for windows and deadlines."""
