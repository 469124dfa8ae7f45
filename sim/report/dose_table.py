"""A dose-response curve as a table for the terminal, in English or Chinese, and as rows for a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from sim.compare.build import build_setting
from sim.compare.dose import Dose, DoseResponse
from sim.compare.notes import bands_note
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, Band, Contrast, is_rough
from sim.observables import Observable
from sim.report.comparison_table import band_text, shortfall_text
from sim.report.rounding import MISSING, Scale, band_decimals, occasions, scale_for, significant, whole
from sim.report.table import (
    Column,
    fields,
    files_line,
    filled,
    layout,
    named,
    one_line,
    pairs_text,
    paragraphs,
    record,
    runs_90,
    setting_text,
    table,
)
from sim.report.words import say
from sim.units import Language, Uncertain, format_money, format_share, format_value, pick


def dose_text(response: DoseResponse, language: Language = "en", *, width: int | None = None, folder: str = "") -> str:
    """Return heading, table, notes and folder of a dose-response curve for a terminal of some width."""
    shown = layout(columns(response, language), width)
    return paragraphs([heading(response, language), shown, notes(response, language), files_line(folder, language)])


def field_labels(response: DoseResponse, language: Language) -> list[str]:
    """Return what the multiplied fields are called: their Chinese labels, or their names in words."""
    if language == "en":
        return [field.replace("_", " ").replace(".", ": ") for field in response.fields]
    from sim.scenario.reference import entries

    known = {entry.key: entry.label_zh for entry in entries(type(response.policy.versions[0][1]))}
    return [known.get(field, field) for field in response.fields]


def level_text(response: DoseResponse, dose: Dose, language: Language) -> str:
    """Return the value of the first dose field at a dose."""
    from sim.scenario.dosing import quantity_at

    value = dose.level
    if value is None:
        return MISSING
    if isinstance(value, tuple):
        return str(len(value))
    kind = quantity_at(type(response.policy.versions[0][1]), response.fields[0]).kind

    def one(number: float) -> str:
        return format_value(number, kind, language)

    return f"{one(value.low)} … {one(value.high)}" if isinstance(value, Uncertain) else one(value)


def heading(response: DoseResponse, language: Language) -> list[str]:
    """Return what is multiplied, and the runs behind it."""
    run = response.doses[-1].run
    fields = say(language, "marks.list").join(field_labels(response, language))
    name = one_line(named(response.policy, language))
    kind = type(response.policy.versions[0][1])
    values = {"id": response.policy.id, "name": name, "kind": kind, "fields": fields}
    what = say(language, "dose_table.policy_multiplied_each_dose", **values)
    about = setting_text(build_setting(run), pairs_text(response.n, language), language)
    return [f"{run.scenario_id}  {one_line(named(run.scenario, language))}", what, about]


def columns(response: DoseResponse, language: Language) -> list[Column]:
    """Return the table: dose, level, money, reach, difference, value for money, share of the ceiling.

    The first two lines of each column are the time it is about and its unit.
    """
    doses, item, reach = response.doses, response.variable, response.reach
    window = say(language, "shared.window", span=f"{response.window[0]}-{response.window[1]}")
    year = say(language, "shared.window", span=response.at)
    money = scale_for("yuan", max(abs(dose.money.p50) for dose in doses), language)
    change = _scale_of(item, [dose.difference.difference for dose in doses], language)
    reached = _scale_of(reach, [dose.reach.difference for dose in doses], language)
    each = _scale_of(item, [dose.per_million for dose in doses if dose.per_million is not None], language)
    when = say(language, "dose_table.end", at=response.at) if reach.aggregate == "last" else window
    unit, each_when = change.of_differences, window if item.aggregate == "sum" else year
    columns = table(language, "doses", (), field=field_labels(response, language)[0], reach=reach, item=item,
                    ninety=runs_90(language, rough=is_rough(response.n)))  # fmt: skip
    whens = ("", "", window, when, year, year, "", each_when, "")
    units = ("", "", money.label, reached.of_differences, unit, unit, "", each.of_differences, "")
    rows: list[tuple[str, ...]] = [whens, units]
    for dose in doses:
        found, share = dose.difference, dose.share_of_ceiling
        decimals = _decimals(found, item, change)
        paid = money.plain(dose.money.p50, min(max(significant(dose.money.p50 / money.divisor, 3), 0), 2))
        got = reached.plain(dose.reach.difference.p50, _decimals(dose.reach, reach, reached), signed=True)
        middle = change.plain(found.difference.p50, decimals, signed=True)
        inside = change.span(found.difference.p05, found.difference.p95, decimals, signed=True) or MISSING
        higher = f"{occasions(found.prob_higher, found.n)}/{found.n}" if dose.times else MISSING
        per = MISSING if dose.per_million is None else band_text(dose.per_million, math.nan, each)
        part = format_share(share, language, 2) if math.isfinite(share) else MISSING
        level = level_text(response, dose, language)
        rows.append((f"{dose.times:g}", level, paid, got, middle, inside, higher, per, part))
    shown = filled(columns, rows)
    return shown if any(math.isfinite(dose.share_of_ceiling) for dose in doses) else shown[:-1]


def _scale_of(item: Observable, bands: Sequence[Band], language: Language) -> Scale:
    return scale_for(item.unit, max((abs(band.p50) for band in bands), default=0.0), language)


def _decimals(contrast: Contrast, item: Observable, scale: Scale) -> int:
    return whole(band_decimals(contrast.difference, contrast.mc_se, scale.divisor), item.unit)


def notes(response: DoseResponse, language: Language) -> list[str]:
    """Return what has to be known to read the table."""
    least, setting = MINIMUM_RUNS_FOR_BAND, build_setting(response.zero.run)
    band = bands_note(setting.drawn_from, setting.worlds)
    found = [pick(language, band.en, band.zh)]
    if response.n < least:
        found = [say(language, "dose_table.fewer_than_pairs_runs", least=least)]
    found += ceiling_note(response, language)
    found += shortfall_notes(response, language)
    if not response.whole:
        found.append(say(language, "dose_table.dose_zero_sets_these"))
    if response.changes_the_past:
        found.append(say(language, "dose_table.changes_the_past"))
    return found


def shortfall_notes(response: DoseResponse, language: Language) -> list[str]:
    """Say at which doses the policy could not be paid for in full, and what was built."""
    return [
        shortfall_text(dose.shortfall, language, say(language, "dose_table.at", times=dose.times))
        for dose in response.doses
        if dose.shortfall is not None
    ]


def ceiling_note(response: DoseResponse, language: Language) -> list[str]:
    """Return the arithmetic ceiling of the largest dose in words, when there is one."""
    dose = response.doses[-1]
    if not dose.ceiling > 0.0:
        return []
    share, grants = format_share(dose.share_of_ceiling, language, 2), response.ceiling_of == "grants"
    money = format_money(dose.ceiling, language, per=None if grants else "year")
    values = {"times": f"{dose.times:g}", "share": share, "window": response.window, "year": response.ceiling_year}
    key = "ceiling_of_grants" if grants else "ceiling_of_orders"
    return [say(language, f"dose_table.{key}", money=money, **values)]


COLUMNS: Final = fields("dose")


def records(response: DoseResponse) -> list[dict[str, Any]]:
    """Return a row a dose in plain units under the names of ``COLUMNS``; too few for bands, also one a run."""
    first, last = response.window
    found: list[dict[str, Any]] = []
    for dose in response.doses:
        row = record(
            "dose", series="dose", replicate=None, response=response, dose=dose, fields=" ".join(response.fields),
            level=_plain_level(dose.level), diff=dose.difference.difference, window=f"{first}-{last}",
            each=dose.per_million or Band(), reached=dose.reach.difference,
            run=f"{dose.run.scenario_id}/{dose.run.folder.name[:8]}",
        )  # fmt: skip
        found.append(row)
        if response.n < MINIMUM_RUNS_FOR_BAND:
            kept = ("policy", "times", "variable", "unit", "year", "reach", "reach_unit")
            shared = {name: row[name] if name in kept else None for name in COLUMNS} | {"series": "run"}
            pairs = zip(dose.replicates, dose.difference.differences, dose.reach.differences, strict=True)
            found += [shared | {"replicate": n, "diff_p50": float(d), "reach_p50": float(r)} for n, d, r in pairs]
    return found


def _plain_level(value: Any) -> Any:
    if isinstance(value, Uncertain):
        return f"{value.low:g} to {value.high:g}"
    return len(value) if isinstance(value, tuple) else math.nan if value is None else value
