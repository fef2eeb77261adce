"""Evaluations: committees, locked score sheets, price scores, ranking, report."""
