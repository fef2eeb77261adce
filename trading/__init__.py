"""Tendering: from a project's registration to the award and its supervision."""
