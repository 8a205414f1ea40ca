"""Local days; business hours: the clock, and calendars from words and holiday tables."""

from svcsim.calendar.clock import WorkCalendar, open_seconds_in_force
from svcsim.calendar.words import business_hours, holiday_dates, makeup_dates, weekly

__all__ = [
    "WorkCalendar",
    "business_hours",
    "holiday_dates",
    "makeup_dates",
    "open_seconds_in_force",
    "weekly",
]
