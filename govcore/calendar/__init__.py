"""Working days of the State Council's holiday notices."""

from datetime import date

from govcore.calendar.working_days import Calendar, CalendarNotPublished, Due, RollPolicy, vendored

__all__ = ["Calendar", "CalendarNotPublished", "Due", "RollPolicy", "due_after", "vendored"]


def due_after(start: date, days: int) -> Due:
    """The last of so many working days after `start`, by the notices that come with the platform."""
    return vendored().due_after(start, days)
