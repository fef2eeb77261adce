"""Working days of the State Council's holiday notices."""

from govcore.calendar.notices import vendored
from govcore.calendar.working_days import Calendar, CalendarNotPublished, Due, RollPolicy

__all__ = ["Calendar", "CalendarNotPublished", "Due", "RollPolicy", "vendored"]
