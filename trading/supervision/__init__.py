"""Supervision on the floor: patrols, misconduct records, circulated notices, letters to the regulator."""
