"""Place files: a county with one characteristic industry, and the numbers it starts from.

Every starting number says where it comes from: a reported figure, a derivation from reported figures, or an
assumption. ``place_origins`` lists them; assumptions carry the range that a calibration may search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sim.evidence import Fact, find_fact, load_facts
from sim.inputs.files import InputFile
from sim.inputs.problems import InputErrors, Spot, refused, words
from sim.inputs.quantities import Table, plain_number
from sim.inputs.tables import listed, near
from sim.observables import ABOVE_SCALE_YUAN
from sim.parameters.industries import load_industries
from sim.scenario.place_doubts import doubtful, impossible, over_output
from sim.scenario.place_start import UNITS, Amount, Origin, PlaceStart
from sim.scenario.resolved import Place
from sim.scenario.scenario_files import find_file
from sim.units import Uncertain, UnitError, format_value, month_text, parse_money, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sim.inputs.problems import Problem


class Entry(Table):
    """One starting value as written in a file; see ``docs/evidence.md`` for the four forms."""

    value: Any = None
    low: Any = None
    high: Any = None
    fact: str | None = None
    facts: tuple[str, ...] = ()
    note: str = ""
    assumed: bool = False

    @model_validator(mode="after")
    def _one_form(self) -> Entry:
        for wrong, message in (
            ((self.low is None) != (self.high is None), "ends"),
            (self.fact is not None and (self.value is not None or self.facts), "fact_alone"),
            (self.fact is None and self.value is None and self.low is None, "empty"),
            (self.facts and (self.value is None or not self.note), "derived"),
            (self.value is not None and not self.facts and not self.assumed, "unfounded"),
        ):
            if wrong:
                raise PydanticCustomError(f"start_entry_{message}", "an entry has one form")
        return self


class Reported(Table):
    """A figure of the evidence that describes the place without being a number it starts from."""

    fact: str


class PlaceFile(Table):
    """A place file without its starting values."""

    schema_: Literal[1] = Field(alias="schema")
    id: str
    name: str = Field(min_length=1)
    name_zh: str = ""
    admin_code: str = Field(default="", pattern=r"^(\d{6}(\d{3}(\d{3})?)?)?$")
    province: str = Field(default="", pattern=r"^(\d{2})?$")
    industry: str = Field(min_length=1)
    industry_zh: str = ""
    products: dict[str, Reported] = Field(default_factory=dict)


@dataclass(frozen=True)
class PlaceRead:
    """A place, where each of its starting values comes from, and what deserves a second look."""

    place: Place
    origins: tuple[Origin, ...]
    doubts: tuple[Problem, ...]


def place_origins(identifier: str, folders: Sequence[Path] | None = None) -> tuple[Origin, ...]:
    """Return where each starting value of a place comes from; raises as ``read_place`` does."""
    return read_place(identifier, folders).origins


def read_place(
    identifier: str, folders: Sequence[Path] | None = None, facts: Sequence[Fact] | None = None
) -> PlaceRead:
    """Return a place, where its starting values come from, and what is doubtful.

    Parameters
    ----------
    folders
        As for ``find_file``.
    facts
        Reported figures; None loads them from the evidence.

    Raises
    ------
    UserError
        With every problem of the file, each with its line; ``InputErrors`` when the file is right and no place can
        start from its numbers.
    """
    file = InputFile(find_file("places", identifier, folders))
    if is_set(file.data):
        raise refused("is_a_set", value=shown(identifier))
    head = file.check(PlaceFile, file.without(("start", "statistics")))
    file.check_id(head)
    if head is not None:
        check_industry(head.industry, file, "industry")
    known = load_facts() if facts is None else facts
    table = file.data.get("start")
    if not isinstance(table, dict):
        file.note("no_table", name="start", advice=words("start_keys", keys=", ".join(UNITS)))
        table = {}
    check_statistics(file, "output_value" if "output_value" in table else "operating_revenue")
    values, origins = _values(table, known, file)
    products = _products(head, known, file)
    start = file.check(PlaceStart, values, "start") if table and not file.findings.problems else None
    file.findings.stop_if_wrong()
    if head is None or start is None:
        raise AssertionError
    place = Place(
        id=head.id,
        name=head.name,
        name_zh=head.name_zh or head.name,
        admin_code=head.admin_code,
        industry=head.industry,
        industry_zh=head.industry_zh or head.industry,
        start=start,
        province=head.province or head.admin_code[:2] or head.id,
        products=products,
    )

    def spot(key: str) -> Spot:
        return file.spot("start", key)

    over = over_output(start.headline, place.industry)
    wrong = impossible(place, over, spot)
    if wrong:
        raise InputErrors(wrong)
    return PlaceRead(place, origins, doubtful(place, origins, over, spot))


def _products(head: PlaceFile | None, facts: Sequence[Fact], file: InputFile) -> dict[str, float]:
    """Return the figures of ``[products]`` by name; they describe the catalogue and change nothing in a run."""
    found = {}
    for name, entry in (head.products if head is not None else {}).items():
        with file.findings.catching(file.spot("products", name), name):
            found[name] = _about(entry.fact, file.id, facts).value_plain
    return found


def is_set(data: Mapping[str, Any]) -> bool:
    """Return whether the content of a file in ``places/`` is a set of places."""
    return data.get("kind") == "set"


def check_statistics(file: InputFile, headline: str) -> None:
    """Note what ``[statistics]`` says of a county's counting and the model does otherwise.

    No file needs the table; earlier ones have it, and what it says holds for every place: the total is the one given
    (``headline``), at current prices, and above scale is one number.
    """
    table = file.data.get("statistics", {})
    if not isinstance(table, dict):
        file.note("statistics_not_held", "statistics", key="statistics", value=shown(table), what=words("no_such_key"))
        return
    held = {"headline": headline, "prices": "current", "above_scale_cut": f"{ABOVE_SCALE_YUAN / 1e6:g} million yuan"}
    for key, value in table.items():
        try:
            same = parse_money(value) == ABOVE_SCALE_YUAN if key == "above_scale_cut" else value == held.get(key)
        except UnitError:
            same = False
        if not same:
            what = words("model_takes", value=held[key]) if key in held else words("no_such_key")
            file.note("statistics_not_held", "statistics", key, key=key, value=shown(value), what=what)


def check_industry(identifier: str, file: InputFile, *at: str) -> None:
    """Note an industry that ``calibration/industries.toml`` does not have."""
    known = load_industries()
    if identifier not in known:
        values = {"key": "industry", "value": shown(identifier), "what": words("industry")}
        file.note("unknown_thing", *at, **values, near=near(identifier, known), known=listed(known))


def _values(
    table: Mapping[str, Any], facts: Sequence[Fact], file: InputFile
) -> tuple[dict[str, Any], tuple[Origin, ...]]:
    """Return the values of ``[start]`` and their origins; other keys are passed on as they are."""
    values = {name: raw for name, raw in table.items() if name not in UNITS}
    origins: list[Origin] = []
    for name, raw in table.items():
        found = read_entry("start", name, raw, UNITS[name], facts, file) if name in UNITS else None
        if found is not None:
            values[name], origin = found
            origins.append(origin)
    origins.sort(key=lambda item: list(UNITS).index(item.name))
    return values, tuple(origins)


def read_entry(
    table: str, name: str, raw: Any, unit: str, facts: Sequence[Fact], file: InputFile
) -> tuple[Amount, Origin] | None:
    """Return the value of an entry in a plain unit and its origin; None with a problem noted.

    Its facts must be about the place, or set of places, of the file.
    """
    entry = file.check(Entry, raw, table, name) if isinstance(raw, dict) else Entry(value=raw, assumed=True)
    if entry is not None:
        with file.findings.catching(file.spot(table, name), name):
            return _entry_value(name, entry, unit, file.id, facts)
    return None


def _entry_value(name: str, entry: Entry, unit: str, place: str, facts: Sequence[Fact]) -> tuple[Amount, Origin]:
    low, high = (None if end is None else plain_number(end, unit) for end in (entry.low, entry.high))
    behind = entry.facts
    if entry.fact is not None:
        behind = (entry.fact,)
        figure = _fact(entry.fact, unit, place, facts)
        number: float | None = figure.value_plain
        text = fact_text(figure)
    else:
        for item in entry.facts:
            find_fact(item, facts)
        number = None if entry.value is None else plain_number(entry.value, unit)
        text = entry.note
    value: Amount
    if number is None:
        value = Uncertain(low or 0.0, high or 0.0)
        number = value.centre
    else:
        value = number
        if low is not None and high is not None and not low <= number <= high:
            raise refused("outside_its_range", value=format_value(number, unit))
    kind: Literal["reported", "derived", "assumed"] = "assumed"
    if behind and not entry.assumed:
        kind = "reported" if entry.fact is not None else "derived"
    return value, Origin(name, number, unit, kind, text, low, high, behind)


def _fact(identifier: str, unit: str, place: str, facts: Sequence[Fact]) -> Fact:
    figure = _about(identifier, place, facts)
    if not figure.for_calibration:
        raise refused("fact_never_starts", id=identifier)
    if figure.unit_plain != unit:
        raise refused("fact_of_other_unit", id=identifier, unit=figure.unit_plain, wanted=unit)
    return figure


def _about(identifier: str, place: str, facts: Sequence[Fact]) -> Fact:
    figure = find_fact(identifier, facts)
    if figure.place != place:
        raise refused("fact_of_other_place", id=identifier, other=figure.place, place=place)
    return figure


def fact_text(figure: Fact) -> str:
    """Return a reported figure with its bound, period and source in one line."""
    start, end = month_text(figure.period_start), month_text(figure.period_end)
    period = start if start == end else f"{start} to {end}"
    return f"{figure.id}: {figure.sign} {figure.value:g} {figure.unit}, {period}, {figure.source}"
