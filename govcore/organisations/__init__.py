"""Organisations: members and duties, joining and leaving, units of a body, acting for another."""
