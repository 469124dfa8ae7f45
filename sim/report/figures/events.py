"""Policy ticks under a time axis: what starts, changes or ends when, the scenario's own in its colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sim.report.figures import style
from sim.report.figures.text import shorten, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.report.figures.describe import Shown
    from sim.report.figures.layout import Panel
    from sim.scenario.resolved import Policy

Kind = Literal["starts", "changes", "ends"]
MOST_ROWS = 5
ROW = 12.0


@dataclass(frozen=True)
class Event:
    """Something that happens to a policy in a month; ``own`` when it is in the scenario and not in the baseline."""

    month: int
    kind: Kind
    policy: Policy
    own: bool

    @property
    def time(self) -> float:
        """Start of the month (or, of an end, its close) in calendar years."""
        return (self.month + (1 if self.kind == "ends" else 0)) / 12.0


def _moments(policy: Policy) -> list[tuple[int, Kind]]:
    moments: list[tuple[int, Kind]] = [(policy.start, "starts")]
    moments += [(month, "changes") for month, _ in policy.versions[1:]]
    return moments if policy.end is None else [*moments, (policy.end, "ends")]


def events(view: Shown) -> list[Event]:
    """Return the events of the scenario in order of month; those the baseline has not, or with other terms, are own."""
    shared = {
        (policy.id, month, kind): dict(policy.versions).get(month)
        for policy in view.a.scenario.policies
        for month, kind in _moments(policy)
    }
    found = []
    for policy in view.b.scenario.policies:
        for month, kind in _moments(policy):
            key, terms = (policy.id, month, kind), dict(policy.versions).get(month)
            found.append(Event(month, kind, policy, own=key not in shared or shared[key] != terms))
    return sorted(found, key=lambda e: (e.month, not e.own, e.policy.id, e.kind))


def _words(event: Event, view: Shown) -> str:
    return view.say(f"events.{event.kind}", name=view.name(event.policy))


@dataclass(frozen=True)
class Placed:
    """An event with the place of its tick, its label, the points that takes across, and its row (0: nearest the axis).

    ``leftward`` says that the label stands left of the tick.
    """

    event: Event
    x: float
    text: str
    leftward: bool
    span: tuple[float, float]
    row: int = 0


def arrange(
    found: Sequence[Event], across: tuple[float, float], at: tuple[float, float], right: float, view: Shown
) -> list[Placed]:
    """Lay out labels in rows; events outside the axis are left out.

    ``across`` is the time at the ends of the axis, ``at`` these ends and ``right`` the end of room in points.
    """
    inside = [e for e in found if across[0] <= e.time <= across[1]]
    # The scenario's own events come first when there is not room for all.
    inside = sorted(sorted(inside, key=lambda e: not e.own)[: MOST_ROWS * 2], key=lambda e: (e.time, not e.own))
    places: list[Placed] = []
    for event in inside:
        x = at[0] + (event.time - across[0]) / (across[1] - across[0]) * (at[1] - at[0])
        text = _words(event, view)
        room_right, room_left = right - x - 8.0, x - 8.0
        leftward = width(text, style.SMALL_SIZE) > room_right and room_left > room_right
        text = shorten(text, room_left if leftward else room_right, style.SMALL_SIZE)
        long = width(text, style.SMALL_SIZE) + 8.0
        places.append(Placed(event, x, text, leftward, (x - long, x + 4.0) if leftward else (x - 4.0, x + long)))
    # From the right: a tick further left may then stand in a lower row without its stem crossing a label.
    done: list[Placed] = []
    for place in reversed(places):
        rows = (replace(place, row=row) for row in range(len(places) + 1))
        done.append(next(one for one in rows if _is_free(one, done)))
    return done[::-1]


def _is_free(place: Placed, done: Sequence[Placed]) -> bool:
    """Whether a label in its row covers no other label or stem, and its stem no label above."""
    for other in done:
        if place.row == other.row and place.span[0] < other.span[1] + 8.0 and other.span[0] < place.span[1] + 8.0:
            return False
        # Stems run from the axis (above row 0) down to their row.
        if other.row > place.row and place.span[0] + 4.0 < other.x < place.span[1]:
            return False
        crosses = other.span[0] + 4.0 < place.x < other.span[1] and abs(place.x - other.x) > 4.0
        if place.row > other.row and crosses:
            return False
    return True


def draw(panel: Panel, placed: Sequence[Placed], top: float) -> None:
    """Draw ticks and labels downward from ``top`` (points in the body)."""
    for item in placed:
        x, y = panel.across(item.event.time), top - ROW * (item.row + 0.5)
        color = style.SCENARIO if item.event.own else style.MUTED
        panel.sheet.line([x, x], [y, top], color=color, linewidth=0.6)
        marker = {"starts": "^", "changes": "D", "ends": "v"}[item.event.kind]
        look = {"color": color, "markersize": 3.6, "linewidth": 0.0, "markeredgewidth": 0.0}
        panel.sheet.line([x], [y], marker=marker, **look)
        apart, side = (-6.0, "right") if item.leftward else (6.0, "left")
        panel.sheet.note(x + apart, y - 0.3, item.text, ha=side, color=color)
