"""Sets of places: every county cluster of a province, the named ones from their files and the others synthetic.

A file ``scenarios/places/<set>.toml`` with ``kind = "set"`` names its members, states the totals of the whole set with
their facts, and says how the places that nobody named are drawn (``sim.scenario.synthetic``). How to write one and
what it assumes: ``docs/places.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from sim.errors import UserError
from sim.evidence import load_facts
from sim.inputs.files import InputFile
from sim.inputs.problems import LANGUAGES, Problem, Spot, in_both, refused
from sim.parameters import load_parameters
from sim.parameters.industries import for_industry, industry_of, load_industries
from sim.scenario.place_doubts import crowded_markets, impossible, revenue_over_headline
from sim.scenario.place_start import TOTALS, Origin, PlaceStart
from sim.scenario.places import check_industry, check_statistics, is_set, read_entry, read_place
from sim.scenario.resolved import Place, World
from sim.scenario.scenario_files import find_file
from sim.scenario.synthetic import (
    HOW_UNITS,
    SET_FILE,
    TOTAL_UNITS,
    Drawing,
    IndustryRow,
    SetHead,
    Totals,
    pareto_sizes,
)
from sim.scenario.worlds import load_world
from sim.units import Uncertain, centre, format_money, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class PlaceSet:
    """A set of places.

    Attributes
    ----------
    members
        Ids of the places with a file of their own.
    places
        The members in the order of the file, then the synthetic ones, largest first.
    lists
        Ordered lists of ids that policies may refer to, such as ``first_ten``.
    totals
        Of the whole set, by name, in plain units; the places add up to them.
    held
        What each member holds of the headline total in the set's base year, yuan.
    origins
        Where the totals and the numbers of the drawing come from.
    """

    id: str
    name: str
    name_zh: str
    headline: str
    base_year: int
    members: tuple[str, ...]
    places: tuple[Place, ...]
    lists: Mapping[str, tuple[str, ...]]
    totals: Mapping[str, float]
    held: Mapping[str, float]
    origins: tuple[Origin, ...]


def load_places(
    identifier: str, folders: Sequence[Path] | None = None
) -> tuple[tuple[Place, ...], tuple[Problem, ...]]:
    """Return the places an id names, one or all of a set, and what is doubtful in the numbers of one.

    Raises ``UserError`` with every problem of the file, each with its line.
    """
    if not is_set(InputFile(find_file("places", identifier, folders)).data):
        one = read_place(identifier, folders)
        return (one.place,), one.doubts
    return load_set(identifier, folders).places, ()


def places_text(places: Sequence[Place], lang: str) -> str:
    """Return how many places there are, and how many of them nobody named."""
    count = len(places)
    synthetic = sum(place.synthetic for place in places)
    if lang == "zh":
        return f"{count}个地点：{count - synthetic}个实名，{synthetic}个合成" if synthetic else f"{count}个地点"
    words = f"{count} {'place' if count == 1 else 'places'}"
    return f"{words}: {count - synthetic} named, {synthetic} synthetic" if synthetic else words


def load_set(identifier: str, folders: Sequence[Path] | None = None) -> PlaceSet:
    """Return a set of places; parameters and errors as ``load_places``."""
    return _Reader(find_file("places", identifier, folders), folders).read()


class _Reader(InputFile):
    """Reads one file of a set; notes everything that is wrong before it gives up."""

    def __init__(self, path: Path, folders: Sequence[Path] | None) -> None:
        super().__init__(path)
        self.folders, self.facts = folders, load_facts()
        self.origins: list[Origin] = []

    def read(self) -> PlaceSet:
        """Return the set; raise ``UserError`` with every problem."""
        head = self.check(SET_FILE, self.data)
        tables = {key: table for key, table in self.data.items() if isinstance(table, dict)}
        given = tables.get("totals", {})
        headline = TOTALS[TOTALS[0] not in given]
        check_statistics(self, headline)
        totals = self._numbers("totals", {headline: "yuan", **TOTAL_UNITS}, given)
        how = self._numbers("synthetic", HOW_UNITS, tables.get("synthetic", {}))
        self.check_id(head)
        members: tuple[Place, ...] = ()
        if head is not None:
            for name in head.synthetic.industries:
                check_industry(name, self, "synthetic", "industries", name)
            members = self._members(head.members)
        self.findings.stop_if_wrong()
        if head is None:
            raise AssertionError
        names, shares = head.synthetic, head.synthetic.industries
        held = self._held(members, headline, head)
        drawing = self._draw(head, headline, totals, how, members, held, shares)
        synthetic = self._synthetic(head, names, drawing) if drawing is not None else ()
        places = (*members, *synthetic)
        self.findings.stop_if_wrong()
        lists = self._lists(head.lists, places)
        # Places of one industry may not sell more than the whole country buys.
        for industry, share in crowded_markets(places).items():
            at = ("synthetic", "industries", industry)
            self.note("crowded_market", *at, industry=industry, share=f"{100 * share:.3g}%")
        self.findings.stop_if_wrong()
        return PlaceSet(
            id=head.id,
            name=head.name,
            name_zh=head.name_zh,
            headline=headline,
            base_year=head.base_year,
            members=tuple(place.id for place in members),
            places=places,
            lists=lists,
            totals=totals,
            held=held,
            origins=tuple(self.origins),
        )

    def _numbers(self, table: str, units: Mapping[str, str], raw: Mapping[str, Any]) -> dict[str, float]:
        """Return the numbers of a table in plain units."""
        found = {name: self._number(table, name, unit, raw[name]) for name, unit in units.items() if name in raw}
        return {name: number for name, number in found.items() if number is not None}

    def _number(self, table: str, name: str, unit: str, raw: Any) -> float | None:
        found = read_entry(table, name, raw, unit, self.facts, self)
        if found is None:
            return None
        value, origin = found
        if isinstance(value, Uncertain):
            self.note("set_range", table, name, name=name)
        elif value <= 0.0:
            self.note("start_above_0", table, name, name=name)
        else:
            self.origins.append(origin)
            return value
        return None

    def _members(self, identifiers: Sequence[str]) -> tuple[Place, ...]:
        """Return the named places."""
        found = []
        for number, identifier in enumerate(identifiers):
            if identifier in identifiers[:number]:
                self.note("set_named_twice", "members", number, value=shown(identifier))
                continue
            try:
                found.append(read_place(identifier, self.folders, self.facts).place)
            except UserError as error:
                self.note("set_member", "members", number, value=shown(identifier), error=in_both(error))
        return tuple(found)

    def _held(self, members: Sequence[Place], headline: str, head: SetHead) -> dict[str, float]:
        """Return what each member holds of the headline total in the base year, as the model itself moves it."""
        held: dict[str, float] = {}
        with self.findings.catching(self.spot("world")):
            world = load_world(head.world, self.folders)
            held = {place.id: _held(place, headline, head.base_year, world) for place in members}
        self.findings.stop_if_wrong()
        return held

    def _draw(
        self,
        head: SetHead,
        headline: str,
        totals: Mapping[str, float],
        how: Mapping[str, float],
        members: Sequence[Place],
        held: Mapping[str, float],
        shares: Mapping[str, IndustryRow],
    ) -> Drawing | None:
        """Return the drawing of the synthetic places, or None with a problem noted."""
        count = round(totals["places"]) - len(members)
        left = Totals(
            totals[headline] - math.fsum(held.values()),
            round(totals["businesses"] - math.fsum(centre(place.start.businesses) for place in members)),
            round(totals["employment_reported"] - math.fsum(centre(p.start.employment_reported) for p in members)),
        )
        parts = {headline: left.headline, "businesses": left.businesses, "employment_reported": left.employment}
        for name, rest in {**parts, "places": count}.items():
            if rest <= 0:
                self.note("set_nothing_left", "totals", name, name=name, rest=f"{rest:.6g}")
        if self.findings.problems:
            return None
        sizes: list[float] = []
        with self.findings.catching(self.spot("synthetic", "largest")):
            sizes = pareto_sizes(left.headline, count, how["tail_index"], how["largest"])
        if not sizes:
            return None
        if sizes[-1] < how["smallest"]:
            size = {lang: format_money(sizes[-1], lang) for lang in LANGUAGES}
            self.note("set_smallest", "synthetic", "smallest", count=count, size=size)
        return Drawing(head.base_year, headline, left, sizes, how, shares)

    def _synthetic(self, head: SetHead, names: Any, drawing: Drawing) -> tuple[Place, ...]:
        """Return the synthetic places, largest first."""
        industries = load_industries()
        found = []
        for position, identifier in enumerate(drawing.industries):
            number, industry = f"{position + 1:03d}", industries[identifier]
            start, wrong = None, list[Problem]()
            try:
                start = drawing.start(position)
            except ValidationError as error:
                wrong = [Problem(item["type"], values=item.get("ctx", {})) for item in error.errors()]
            english = industry.name[:1].lower() + industry.name[1:]
            if start is not None:
                place = Place(
                    id=names.id.replace("{number}", number),
                    name=names.name.replace("{number}", number).replace("{industry}", english),
                    name_zh=names.name_zh.replace("{number}", number).replace("{industry}", industry.name_zh),
                    admin_code="",
                    industry=identifier,
                    industry_zh=industry.name_zh,
                    start=start,
                    province=head.province,
                    synthetic=True,
                )
                wrong += impossible(place, drawing.sizes[position] / drawing.outputs[position], lambda key: Spot())
                found.append(place)
            if wrong:
                reason = {lang: "; ".join(problem.what(lang) for problem in wrong) for lang in LANGUAGES}
                self.note("set_impossible", "synthetic", number=number, industry=identifier, reason=reason)
                return ()
        return tuple(found)

    def _lists(self, raw: Mapping[str, Sequence[str]], places: Sequence[Place]) -> dict[str, tuple[str, ...]]:
        """Return the ordered lists of the set; every id must be one of its places, once."""
        known = {place.id for place in places}
        for name, identifiers in raw.items():
            for number, identifier in enumerate(identifiers):
                if identifier not in known:
                    self.note("set_not_listed", "lists", name, number, value=shown(identifier))
                elif identifier in identifiers[:number]:
                    self.note("set_listed_twice", "lists", name, number, value=shown(identifier), name=name)
        return {name: tuple(identifiers) for name, identifiers in raw.items()}


def _held(place: Place, headline: str, year: int, world: World) -> float:
    """Return a named place's headline total in ``year``: sales at home and abroad move as the world's demand does.

    The model starts a place from its own base year in the same way (``sim.start.population.StartLevels``).
    """
    start: PlaceStart = place.start
    parameters = for_industry(load_parameters(), place.industry)
    output = centre(start.headline_total) / revenue_over_headline(start.headline, parameters)
    exports = centre(start.exports)
    world = world.met_by(industry_of(place.industry).group)
    home, abroad = (
        _mean(world, series, year) / _mean(world, series, start.base_year)
        for series in ("domestic_demand", "foreign_demand")
    )
    moved = (output - exports) * home + exports * abroad
    return moved * revenue_over_headline(headline, parameters)


def _mean(world: World, series: str, year: int) -> float:
    first = year * 12 - world.first_month
    values = getattr(world, series)
    if first < 0 or first + 12 > len(values):
        raise refused("world_without_year", world=world.id, year=year)
    return float(values[first : first + 12].mean())
