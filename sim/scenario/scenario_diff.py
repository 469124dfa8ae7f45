"""What one scenario changes in another, value by value and month by month, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from sim.inputs.quantities import Quantity, Table, leaves, quantity_of
from sim.policies.registry import policy_types
from sim.policies.terms import Terms
from sim.scenario.content_hash import plain
from sim.scenario.parting import parting
from sim.scenario.place_sets import places_text
from sim.scenario.resolved import Place, Policy, Scenario
from sim.units import Uncertain, format_count, format_share, format_value, month_text

RowKind = Literal["change", "add", "drop", "stop"]
Texts = Mapping[str, str]
NOTHING: Texts = {"en": "-", "zh": "-"}

ROW_WORDS: Mapping[str, Texts] = {
    "change": {"en": "change", "zh": "变更"},
    "add": {"en": "add", "zh": "新增"},
    "drop": {"en": "drop", "zh": "去除"},
    "stop": {"en": "stop", "zh": "终止"},
    "same": {"en": "same", "zh": "相同"},
}


@dataclass(frozen=True)
class Row:
    """One difference; ``first`` and ``last`` are months, None for the open end."""

    kind: RowKind
    path: str
    before: Texts
    after: Texts
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class Difference:
    """All differences of B from A, what is the same, and how long the two run alike."""

    a: Scenario
    b: Scenario
    rows: tuple[Row, ...]
    same: tuple[str, ...]
    first_month: int | None
    """First month in which anything can differ; None when nothing does."""

    @property
    def identical_until(self) -> int | None:
        """Last simulated month that must be equal to the bit in both, or None when there is none."""
        if self.first_month is None or self.first_month > self.b.time.end:
            return self.b.time.end
        return self.first_month - 1 if self.first_month > self.b.time.start else None

    @property
    def nothing_changes(self) -> bool:
        """Whether every simulated month must be identical."""
        return self.first_month is None or self.first_month > min(self.a.time.end, self.b.time.end)


def quantity_text(value: Any, quantity: Quantity | None, lang: str) -> str:
    """Return a value of a policy's terms as a reader sees it."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return {"en": ("no", "yes"), "zh": ("否", "是")}[lang][value]
    if isinstance(value, Uncertain):
        return f"{quantity_text(value.low, quantity, lang)} – {quantity_text(value.high, quantity, lang)}"
    if isinstance(value, Table):
        names = type(value).model_fields
        items = [(n, getattr(value, n)) for n in names if getattr(value, n) not in (None, (), {})]
        return ", ".join(f"{n} {quantity_text(item, quantity_of(type(value), n), lang)}" for n, item in items)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item:g}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(quantity_text(item, quantity, lang) for item in value) or "-"
    if quantity is None or isinstance(value, str):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if quantity.kind == "share":
        return format_share(value, lang)
    if quantity.kind == "month":
        return month_text(int(value))
    if quantity.kind in ("count", "years", "months", "month_number"):
        return format_count(value, lang)
    return format_value(value, quantity.kind, lang)


def both(value: Any, quantity: Quantity | None = None) -> Texts:
    """Return a value in both languages."""
    return {lang: quantity_text(value, quantity, lang) for lang in ("en", "zh")}


def summary(policy: Policy) -> Texts:
    """Return type and the first three amounts of a policy, as in ``fund, 200 million yuan/year, 20%``."""
    terms = policy.versions[0][1]
    amounts = [(value, quantity) for value, quantity in leaves(terms).values() if quantity is not None][:3]
    kind = policy_types()[policy.type]
    return {
        "en": ", ".join([kind.name, *(quantity_text(value, q, "en") for value, q in amounts)]),
        "zh": "，".join([kind.name_zh, *(quantity_text(value, q, "zh") for value, q in amounts)]),
    }


def diff(a: Scenario, b: Scenario) -> Difference:
    """Return what B changes in A; A is usually the baseline."""
    rows = _header_rows(a, b)
    parts = ["time", "run", "world", "places", *(["parameters"] if a.parameters or b.parameters else [])]
    same = [name for name in parts if not any(row.path.split(".")[0] == name for row in rows)]
    mine, other = {p.id: p for p in a.policies}, {p.id: p for p in b.policies}
    for identifier, policy in mine.items():
        new = _policy_rows(policy, other[identifier]) if identifier in other else [_whole("drop", policy)]
        rows += new
        if not new:
            same.append(identifier)
    rows += [_whole("add", policy) for identifier, policy in other.items() if identifier not in mine]
    first = parting(a, b)
    return Difference(a, b, tuple(rows), tuple(same), None if first is None else max(first, b.time.start))


def _header_rows(a: Scenario, b: Scenario) -> list[Row]:
    pairs: list[tuple[str, Any, Any]] = [
        (f"time.{item.name}", month_text(getattr(a.time, item.name)), month_text(getattr(b.time, item.name)))
        for item in fields(a.time)
    ]
    pairs += [(f"run.{name}", getattr(a, name), getattr(b, name)) for name in ("replicates", "seed", "firms_per_agent")]
    pairs.append(("world", a.world_id, b.world_id))
    for name in sorted({*a.parameters, *b.parameters}):
        pairs.append((f"parameters.{name}", a.parameters.get(name), b.parameters.get(name)))
    rows = [Row("change", path, both(one), both(two)) for path, one, two in pairs if one != two]
    if [place.id for place in a.places] != [place.id for place in b.places]:
        rows.append(Row("change", "places", _places(a.places), _places(b.places)))
    return rows


def _places(places: tuple[Place, ...]) -> Texts:
    """Return the ids of places, or how many there are when some are synthetic."""
    if any(place.synthetic for place in places):
        return {lang: places_text(places, lang) for lang in ("en", "zh")}
    return both(tuple(place.id for place in places))


def _whole(kind: RowKind, policy: Policy) -> Row:
    """Return the row of a policy that one of the two does not have."""
    before, after = (NOTHING, summary(policy)) if kind == "add" else (summary(policy), NOTHING)
    return Row(kind, f"policy.{policy.id}", before, after, policy.start, policy.end)


def _policy_rows(a: Policy, b: Policy) -> list[Row]:
    """Return the differences between two forms of one policy, each with the months in which it holds."""
    prefix = f"policy.{a.id}"
    rows = []
    month = Quantity("month")
    if a.start != b.start:
        rows.append(Row("change", f"{prefix}.start", both(a.start, month), both(b.start, month), min(a.start, b.start)))
    if a.end != b.end:
        first = min(end for end in (a.end, b.end) if end is not None) + 1
        kind: RowKind = "stop" if b.end is not None and (a.end is None or b.end < a.end) else "change"
        rows.append(Row(kind, f"{prefix}.end", both(a.end, month), both(b.end, month), first))
    for name in ("type", "where", "payer"):
        one, two = getattr(a, name), getattr(b, name)
        if plain(one) != plain(two):
            rows.append(Row("change", f"{prefix}.{name}", both(one), both(two), b.start))
    return rows + _term_rows(prefix, a, b)


def _term_rows(prefix: str, a: Policy, b: Policy) -> list[Row]:
    months = sorted({month for policy in (a, b) for month, _ in policy.versions})
    rows: list[Row] = []
    running: dict[str, tuple[Any, int]] = {}
    for number, start in enumerate(months):
        last = months[number + 1] - 1 if number + 1 < len(months) else (b.end if b.end is not None else a.end)
        found = _unequal(a.terms_at(start), b.terms_at(start))
        for name, (one, two, quantity) in found.items():
            values = (plain(one), plain(two))
            if name in running and running[name][0] == values:
                old = rows[running[name][1]]
                rows[running[name][1]] = Row(old.kind, old.path, old.before, old.after, old.first, last)
            else:
                row = Row("change", f"{prefix}.{name}", both(one, quantity), both(two, quantity), start, last)
                rows.append(row)
                running[name] = (values, len(rows) - 1)
        running = {name: seen for name, seen in running.items() if name in found}
    return rows


def _unequal(a: Terms, b: Terms) -> dict[str, tuple[Any, Any, Quantity | None]]:
    one, two = leaves(a), leaves(b)
    found = {}
    for name in [*one, *(key for key in two if key not in one)]:
        old, quantity = one.get(name, (None, None))
        new, other = two.get(name, (None, None))
        if plain(old) != plain(new):
            found[name] = (old, new, quantity or other)
    return found
