"""A county of one's own: its place file, its figures and a baseline, written from a table of reported figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sim import workspace
from sim.errors import UserError
from sim.evidence import Fact, load_facts, load_sources, read_facts
from sim.evidence.facts import COLUMNS
from sim.evidence.sources import SOURCE_COLUMNS, fact_files, read_sources, sources_beside
from sim.inputs.files import ID, read_rows
from sim.inputs.problems import Findings, InputErrors, Problem, Spot, refused
from sim.inputs.tables import listed, near
from sim.parameters.industries import industry_of, load_industries
from sim.scaffold.new_start import Figures, Start, start_from, wrong_figures
from sim.scaffold.new_text import baseline_text, place_text, table_text
from sim.scenario.loader import load
from sim.scenario.place_start import TOTALS
from sim.scenario.places import read_place
from sim.scenario.scenario_files import known_files, known_inputs, known_sets, remove, write_new
from sim.units import year_of

RESERVED = ("macro", "reported")
"""Ids whose files of figures would be taken for those of the evidence itself."""
FIRST_YEAR, LAST_YEAR = 2015, 2029
"""Base years for which the shipped worlds have a past to settle in and a future to simulate."""
ANY_INDUSTRY = "metal-products"
"""Industry when nothing names one: that of the shared parameters."""


@dataclass(frozen=True)
class Wanted:
    """What the user asked for.

    ``facts`` is a table of reported figures with the columns of ``reported_facts.csv``; with ``derive`` they may be
    computed with (annualised, moved between years).
    """

    id: str
    facts: Path | None = None
    derive: bool = True
    industry: str = ""
    name: str = ""
    name_zh: str = ""
    admin_code: str = ""
    lang: str = "en"
    baseline: bool = True


@dataclass(frozen=True)
class Made:
    """What was written, what it rests on, and what is doubtful in it."""

    id: str
    files: tuple[Path, ...]
    start: Start
    figures: Figures
    industry: str
    baseline: str | None
    doubts: tuple[Problem, ...]


@dataclass(frozen=True)
class _Table:
    """The user's figures of one place: by where they stand, as typed, and the sources they name."""

    path: Path
    facts: Mapping[Spot, Fact]
    rows: tuple[Mapping[str, str], ...]
    sources: tuple[Mapping[str, str], ...]
    kept: bool


def new_place(wanted: Wanted) -> Made:
    """Write ``scenarios/places/<id>.toml``, its baseline and its figures; nothing is ever overwritten.

    Raises
    ------
    UserError
        With every problem of the id, the table of figures (file and line) and the industry; nothing is written then.
    """
    root = workspace.root() or Path.cwd()
    _check_words(wanted)
    table = None if wanted.facts is None else _read(wanted, wanted.facts, root)
    facts = tuple(table.facts.values()) if table is not None else ()
    industry = _industry(wanted, facts)
    names = _names(wanted, industry)
    figures = Figures(facts, derive=wanted.derive)
    start = start_from(figures, industry, wanted.admin_code[:2])
    _check_year(start.year, table)
    by_id = {item.id: item for item in facts}
    also = [item for name in TOTALS if name != start.headline for item in figures.of(name)]
    place = root / "scenarios" / "places" / f"{wanted.id}.toml"
    texts = {place: place_text(names, start, by_id, wanted.lang, also)}
    if wanted.baseline:
        goals = [item for item in facts if item.kind == "goal"]
        path = root / "scenarios" / f"{wanted.id}-baseline.toml"
        texts[path] = baseline_text(names, start, figures.last_month(), goals, wanted.lang)
    if table is not None and not table.kept:
        evidence = root / "calibration" / "evidence"
        texts[evidence / f"{wanted.id}_facts.csv"] = table_text(COLUMNS, table.rows)
        if table.sources:
            texts[evidence / f"{wanted.id}_sources.csv"] = table_text(SOURCE_COLUMNS, table.sources)
    write_new(texts)
    doubts = _prove(wanted, texts, _spots(start, table))
    baseline = f"{wanted.id}-baseline" if wanted.baseline else None
    return Made(wanted.id, tuple(texts), start, figures, industry, baseline, doubts)


def _check_words(wanted: Wanted) -> None:
    code = wanted.admin_code
    known = {"place": wanted.id in (*known_inputs("places"), *known_sets())}
    known["scenario"] = wanted.baseline and f"{wanted.id}-baseline" in known_files()
    wrong = (
        ("new_id_reserved", wanted.id in RESERVED),
        ("new_id", wanted.id not in RESERVED and not ID.fullmatch(wanted.id)),
        ("new_place_there", known["place"]),
        ("new_baseline_there", known["scenario"] and not known["place"]),
        ("code_no_digits", code and not (code.isascii() and code.isdigit())),
        ("code_digits", code.isascii() and code.isdigit() and len(code) not in (6, 9, 12)),
    )
    values = {"id": wanted.id, "code": code, "digits": len(code)}
    problems = [Problem(message, values=values) for message, there in wrong if there]
    if problems:
        raise InputErrors(problems)


def _read(wanted: Wanted, path: Path, root: Path) -> _Table:
    """Read the user's table and the sources beside it; everything wrong with both is told at once."""
    findings = Findings()
    beside = sources_beside(path)
    own = read_sources(beside, findings) if beside.is_file() else {}
    known = load_sources()
    found = read_facts(path, {**known, **own}.keys(), findings)
    mine = {spot: item for spot, item in found.items() if item.place == wanted.id}
    if findings.problems and not beside.is_file():
        findings.add("no_sources_beside", Spot.at(beside, 1), columns=",".join(SOURCE_COLUMNS))
    kept = path.resolve() in {item.resolve() for item in fact_files(root / "calibration" / "evidence")}
    wrong_figures(mine, findings)
    if not kept:
        there = {item.id: item for item in load_facts()}
        for spot, item in mine.items():
            if item.id in there:
                values = {"id": item.id, "other": there[item.id].place, "better": f"{item.place}-{item.id}"}
                findings.add("figure_known", spot, **values)
        cited = {item.source for item in mine.values()}
        for name in sorted(cited & own.keys() & known.keys()):
            if own[name] != known[name]:
                findings.add("source_known", Spot.at(beside, 1), id=name, other=known[name])
    if not mine and not findings.problems:
        places = sorted({item.place for item in found.values()})
        findings.add("no_figure_of", Spot.at(path, 1), place=wanted.id, known=", ".join(places) or "none")
    findings.stop_if_wrong()
    rows = tuple(row for spot, row in read_rows(path, COLUMNS) if spot in mine)
    cited = {item.source for item in mine.values()}
    sources = (
        tuple(row for _, row in read_rows(beside, SOURCE_COLUMNS) if row["id"] in cited) if beside.is_file() else ()
    )
    return _Table(path, mine, rows, sources, kept)


def _industry(wanted: Wanted, facts: Collection[Fact]) -> str:
    """Return the industry asked for, or the one the figures name; it must be one whose costs are known."""
    named = sorted({item.industry for item in facts})
    if not wanted.industry and len(named) > 1:
        raise refused("several_industries", known=", ".join(named))
    chosen = wanted.industry or (named[0] if named else ANY_INDUSTRY)
    known = load_industries()
    if chosen not in known:
        raise refused("industry_unknown", value=chosen, near=near(chosen, known), known=listed(sorted(known)))
    return chosen


def _names(wanted: Wanted, industry: str) -> dict[str, str]:
    name = wanted.name or wanted.name_zh or wanted.id.replace("-", " ").title()
    return {
        "id": wanted.id,
        "name": name,
        "name_zh": wanted.name_zh or name,
        "admin_code": wanted.admin_code,
        "industry": industry,
        "industry_zh": industry_of(industry).name_zh,
    }


def _check_year(year: int, table: _Table | None) -> None:
    if FIRST_YEAR <= year <= LAST_YEAR or table is None:
        return
    spot = next((at for at, item in table.facts.items() if year_of(item.period_end) == year), Spot.at(table.path))
    raise refused("figures_of_year", spot, year=year, first=FIRST_YEAR, last=LAST_YEAR)


def _spots(start: Start, table: _Table | None) -> dict[str, Spot]:
    """Return where in the user's table the figure behind each starting value stands."""
    spots = {} if table is None else {item.id: spot for spot, item in table.facts.items()}
    return {item.name: spots[name] for item in start.values for name in reversed(item.facts) if name in spots}


def _prove(wanted: Wanted, texts: Mapping[Path, str], spots: Mapping[str, Spot]) -> tuple[Problem, ...]:
    """Load what was written and return its doubts; when it does not load it is taken away and the reason told."""
    try:
        doubts = read_place(wanted.id).doubts
        if wanted.baseline:
            load(f"{wanted.id}-baseline")
    except InputErrors as errors:
        remove(texts)
        there = [replace(problem, spot=spots.get(problem.values.get("key", ""), Spot())) for problem in errors.problems]
        raise InputErrors(there) from None
    except UserError:
        remove(texts)
        raise
    return doubts
