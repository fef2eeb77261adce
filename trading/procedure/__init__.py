"""The lawful procedure as data: rule sets, periods, spans of time that do not count."""
