"""When events that come back are held."""

from __future__ import annotations

from sim.policies.terms import MonthNumber, Table, Years, term


class Every(Table):
    """When it is held."""

    month: MonthNumber = term("举办月份", "Month of the year, 1 to 12")
    years: Years = term("间隔年数", "Years from one to the next; left out: every year", default=1)


def held_in(every: Every, month: int, first: int) -> bool:
    """Return whether an event with rhythm ``every`` takes place in ``month``, first held in or after ``first``."""
    if month % 12 != every.month - 1:
        return False
    first_year = first // 12 + (first % 12 > every.month - 1)
    return (month // 12 - first_year) % every.years == 0
