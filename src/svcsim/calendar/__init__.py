"""Local days; business hours: the clock, and calendars from words and holiday tables."""

from svcsim.calendar.clock import Schedules, WorkCalendar
from svcsim.calendar.counting import Clock
from svcsim.calendar.special import SpecialDays, special_days
from svcsim.calendar.words import business_hours, holiday_dates, makeup_dates, weekly

__all__ = [
    "Clock",
    "Schedules",
    "SpecialDays",
    "WorkCalendar",
    "business_hours",
    "holiday_dates",
    "makeup_dates",
    "special_days",
    "weekly",
]
