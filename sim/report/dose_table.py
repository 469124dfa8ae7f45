"""A dose-response curve as a table for the terminal, in English or Chinese, and as rows for a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.compare.build import build_setting
from sim.compare.notes import bands_note
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, is_rough
from sim.report.money_lines import band_text, shortfall_text
from sim.report.rounding import MISSING, Scale, band_decimals, occasions, scale_for, significant, whole
from sim.report.table import (
    Column,
    files_line,
    filled,
    layout,
    named,
    one_line,
    pairs_text,
    paragraphs,
    runs_90,
    setting_text,
)
from sim.report.words import say
from sim.units import Uncertain, format_money, format_share, format_value, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.dose import Dose, DoseResponse
    from sim.compare.statistics import Band, Contrast
    from sim.observables import Observable
    from sim.report.rounding import Scale
    from sim.units import Language


def dose_text(response: DoseResponse, language: Language = "en", *, width: int | None = None, folder: str = "") -> str:
    """Return heading, table and notes of a dose-response curve for the terminal.

    Parameters
    ----------
    width
        Terminal columns; when the table is wider the less important columns are left out. None: never.
    folder
        Where the files were written; named in the last line.
    """
    table = layout(columns(response, language), width)
    return paragraphs([heading(response, language), table, notes(response, language), files_line(folder, language)])


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
    what = say(
        language, "dose_table.policy_multiplied_each_dose", id=response.policy.id, name=name, kind=kind, fields=fields
    )
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
    heads = [
        (Column(say(language, "dose_table.dose")), "", ""),
        (Column(field_labels(response, language)[0], goes=2), "", ""),
        (Column(say(language, "dose_table.public_money")), window, money.label),
        (Column(pick(language, reach.label, reach.label_zh)), when, reached.of_differences),
        (Column(pick(language, item.label, f"{item.label_zh}差值")), year, unit),
        (Column(runs_90(language, rough=is_rough(response.n))), year, unit),
        (Column(say(language, "dose_table.higher"), goes=1), "", ""),
        (Column(say(language, "dose_table.per_million_yuan")), each_when, each.of_differences),
        (Column(say(language, "dose_table.ceiling"), goes=3), "", ""),
    ]
    rows: list[tuple[str, ...]] = [tuple(when for _, when, _ in heads), tuple(unit for *_, unit in heads)]
    for dose in doses:
        found, share = dose.difference, dose.share_of_ceiling
        decimals = _decimals(found, item, change)
        rows.append(
            (
                f"{dose.times:g}",
                level_text(response, dose, language),
                money.plain(dose.money.p50, min(max(significant(dose.money.p50 / money.divisor, 3), 0), 2)),
                reached.plain(dose.reach.difference.p50, _decimals(dose.reach, reach, reached), signed=True),
                change.plain(found.difference.p50, decimals, signed=True),
                change.span(found.difference.p05, found.difference.p95, decimals, signed=True) or MISSING,
                f"{occasions(found.prob_higher, found.n)}/{found.n}" if dose.times else MISSING,
                MISSING if dose.per_million is None else band_text(dose.per_million, math.nan, each),
                format_share(share, language, 2) if math.isfinite(share) else MISSING,
            )
        )
    table = filled([head for head, _, _ in heads], rows)
    return table if any(math.isfinite(dose.share_of_ceiling) for dose in doses) else table[:-1]


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
        en = "The policy was in force in months already reported: other doses change the past as well "
        en += "(a counterfactual)."
        found.append(pick(language, en, "该政策在已公布数据的月份已经实施，换一个倍数也改变了过去（反事实）。"))
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
    times, share = f"{dose.times:g}", format_share(dose.share_of_ceiling, language, 2)
    first, last = response.window
    if response.ceiling_of == "grants":
        money = format_money(dose.ceiling, language)
        english = f"Ceiling: at {times} the budgets of {first}-{last} add up to {money}, of which {share} was paid."
        chinese = f"上限：{times}倍时{first}-{last}年预算合计{money}，其中已拨付{share}。"
    else:
        money, year = format_money(dose.ceiling, language, per="year"), response.ceiling_year
        english = (
            f"Arithmetic ceiling: if each buyer invited behaves as in {year}, intended orders at {times} are {money}; "
            f"the difference is {share} of that."
        )
        chinese = f"按公布数字推算的上限：若受邀采购商与{year}年一样，{times}倍时意向订单为{money}，差值为其{share}。"
    return [pick(language, english, chinese)]


COLUMNS = (
    "series", "replicate", "policy", "policy_type", "fields", "times", "level", "variable", "unit", "year", "n_pairs",
    "diff_p05", "diff_p25", "diff_p50", "diff_p75", "diff_p95", "diff_mean", "mc_se", "prob_higher",
    "window", "money_p05", "money_p50", "money_p95", "per_million_p05", "per_million_p50", "per_million_p95",
    "reach", "reach_unit", "reach_p05", "reach_p25", "reach_p50", "reach_p75", "reach_p95",
    "ceiling_yuan", "share_of_ceiling", "firms_per_agent", "run",
)  # fmt: skip


def records(response: DoseResponse) -> list[dict[str, Any]]:
    """Return a row a dose in plain units under the names of ``COLUMNS``; too few for bands, also one a run."""
    first, last = response.window
    found: list[dict[str, Any]] = []
    for dose in response.doses:
        nothing = dose.per_million is None
        row: dict[str, Any] = {
            "series": "dose",
            "policy": response.policy.id,
            "policy_type": response.policy.type,
            "fields": " ".join(response.fields),
            "times": dose.times,
            "level": _plain_level(dose.level),
            "variable": response.variable.name,
            "unit": response.variable.unit,
            "year": response.at,
            "n_pairs": dose.difference.n,
            "mc_se": dose.difference.mc_se,
            "prob_higher": dose.difference.prob_higher,
            "window": f"{first}-{last}",
            "reach": response.reach.name,
            "reach_unit": response.reach.unit,
            "ceiling_yuan": dose.ceiling,
            "share_of_ceiling": dose.share_of_ceiling,
            "firms_per_agent": dose.run.scenario.firms_per_agent,
            "run": f"{dose.run.scenario_id}/{dose.run.folder.name[:8]}",
        }
        for name, band in (("diff", dose.difference.difference), ("reach", dose.reach.difference)):
            row |= {f"{name}_{part}": getattr(band, part) for part in ("p05", "p25", "p50", "p75", "p95")}
        row["diff_mean"] = dose.difference.difference.mean
        for part in ("p05", "p50", "p95"):
            row[f"money_{part}"] = getattr(dose.money, part)
            row[f"per_million_{part}"] = math.nan if nothing else getattr(dose.per_million, part)
        found.append({name: row.get(name) for name in COLUMNS})
        if response.n < MINIMUM_RUNS_FOR_BAND:
            found += [{name: one.get(name) for name in COLUMNS} for one in _single_runs(response, dose)]
    return found


def _single_runs(response: DoseResponse, dose: Dose) -> list[dict[str, Any]]:
    """Return a row for each pair of a dose."""
    shared = {"series": "run", "policy": response.policy.id, "times": dose.times, "year": response.at}
    shared |= {"variable": response.variable.name, "unit": response.variable.unit}
    shared |= {"reach": response.reach.name, "reach_unit": response.reach.unit}
    pairs = zip(dose.replicates, dose.difference.differences, dose.reach.differences, strict=True)
    return [
        {**shared, "replicate": number, "diff_p50": float(effect), "reach_p50": float(reach)}
        for number, effect, reach in pairs
    ]


def _plain_level(value: Any) -> Any:
    if isinstance(value, Uncertain):
        return f"{value.low:g} to {value.high:g}"
    return len(value) if isinstance(value, tuple) else math.nan if value is None else value
