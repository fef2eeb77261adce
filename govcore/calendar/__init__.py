"""Working days of the State Council's holiday notices."""

from govcore.calendar.working_days import (
    CalendarNotPublished,
    Due,
    RollPolicy,
    add_working_days,
    due_after,
    is_provisional,
    is_working_day,
    roll_forward,
    version,
    working_days_in,
)

__all__ = [
    "CalendarNotPublished",
    "Due",
    "RollPolicy",
    "add_working_days",
    "due_after",
    "is_provisional",
    "is_working_day",
    "roll_forward",
    "version",
    "working_days_in",
]
