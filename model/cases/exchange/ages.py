"""Ages in completed years, from durations of ISO 8601, dates, and units of UCUM."""

import re
from dataclasses import dataclass
from datetime import date

DURATION = re.compile(
    r"P(?:(\d{1,4}(?:\.\d+)?)Y)?(?:(\d{1,5}(?:\.\d+)?)M)?(?:(\d{1,5}(?:\.\d+)?)W)?(?:(\d{1,6}(?:\.\d+)?)D)?(?:T.*)?"
)
DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T.*)?)?)?")
# UCUM writes a year as `a`.
YEARS_IN = {"a": 1.0, "mo": 1 / 12, "wk": 7 / 365.25, "d": 1 / 365.25, "year": 1.0, "years": 1.0, "yr": 1.0, "y": 1.0,
            "month": 1 / 12, "months": 1 / 12, "week": 7 / 365.25, "weeks": 7 / 365.25, "day": 1 / 365.25,
            "days": 1 / 365.25}  # fmt: skip


@dataclass(frozen=True)
class Date:
    """A calendar date; month and day may be unknown."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def exact(self) -> date | None:
        """The day, or None if month or day is unknown or the month has no such day."""
        try:
            return date(self.year, self.month or 0, self.day or 0)
        except ValueError:
            return None


@dataclass(frozen=True)
class Age:
    """The age on a date."""

    birth: Date
    on: Date

    def completed(self, unit: str) -> float | None:
        """Completed years, months, weeks or days; None if the dates are not exact enough, or in the wrong order."""
        years, size = years_between(self.birth, self.on), YEARS_IN[unit]
        birth, on = self.birth.exact, self.on.exact
        if years is None or size == 1:
            return years
        if birth is None or on is None:
            return None
        if size == 1 / 12:
            return float(12 * (on.year - birth.year) + on.month - birth.month - (on.day < birth.day))
        return float((on - birth).days // (7 if size > 0.01 else 1))


def years_of_duration(text: str) -> float | None:
    """Completed years of an ISO 8601 duration; None if the text is not one.

    >>> years_of_duration("P54Y3M"), years_of_duration("P18M"), years_of_duration("54")
    (54.0, 1.0, None)
    """
    match = DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    years, months, weeks, days = (float(part or 0) for part in match.groups())
    # A millionth of a year keeps 18 months from counting as 1.4999 years.
    return float(int(years + months / 12 + weeks * YEARS_IN["wk"] + days * YEARS_IN["d"] + 1e-6))


def read_date(text: str) -> Date | None:
    """A date of FHIR or a timestamp, of which month and day may be missing; None if the text is neither."""
    match = DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    return Date(year, month, day)


def years_between(birth: Date, later: Date) -> float | None:
    """Completed years from birth to a later date; None if that date is before birth.

    If month or day is unknown, the birthday of that year counts as passed.

    >>> years_between(Date(1960, 6, 15), Date(2014, 6, 14)), years_between(Date(1960), Date(2014, 3))
    (53.0, 54.0)
    """
    years = later.year - birth.year
    pairs = zip((birth.month, birth.day), (later.month, later.day), strict=True)
    for before, after in pairs:
        if before is None or after is None or after > before:
            break
        if after < before:
            years -= 1
            break
    return float(years) if years >= 0 else None
