"""A dose-response curve as a table for the terminal, in English or Chinese, and as rows for a file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.compare.build import build_setting
from sim.compare.notes import bands_note
from sim.compare.statistics import MINIMUM_RUNS_FOR_BAND, is_rough
from sim.report.money_lines import band_text
from sim.report.numbers import MISSING, band_decimals, plain, scale_for, significant, span, whole
from sim.report.shortfalls import shortfall_text
from sim.report.table import Column, layout, one_line
from sim.report.words import named, words
from sim.units import Uncertain, format_money, format_share, format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.compare.dose import Dose, DoseResponse
    from sim.compare.statistics import Band
    from sim.observables import Observable
    from sim.report.numbers import Language, Scale


def dose_text(response: DoseResponse, language: Language = "en", *, width: int | None = None, folder: str = "") -> str:
    """Return heading, table and notes of a dose-response curve for the terminal.

    Parameters
    ----------
    width
        Terminal columns; when the table is wider the less important columns are left out. None: never.
    folder
        Where the files were written; named in the last line.
    """
    parts = [heading(response, language), layout(columns(response, language), width), notes(response, language)]
    if folder:
        parts.append([f"{words(language).files}  {folder}"])
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


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
    text, zh = words(language), language == "zh"
    run = response.doses[-1].run
    scenario, setting = run.scenario, build_setting(run)
    title = one_line(scenario.name_zh if zh else scenario.name)
    fields = ("、" if zh else ", ").join(field_labels(response, language))
    name = one_line(named(response.policy, language))
    kind = type(response.policy.versions[0][1])
    if zh:
        what = f"政策  {response.policy.id}  {name}（{kind.name_zh}）：{fields}同乘倍数，各档均与零档逐对比较"
    else:
        what = f"policy  {response.policy.id}  {name} ({kind.type_name}): {fields} multiplied, each dose against zero"
    about = text.setting.format(
        runs=text.pairs.format(n=response.n),
        draws=text.draws.format(draws=setting.draws) if setting.calibrated else text.not_calibrated,
        seed=setting.seed,
        world=one_line(setting.world_zh if zh else setting.world),
        model=setting.model_version,
        scale=setting.scale,
    )
    return [f"{run.scenario_id}  {title}", what, about]


def columns(response: DoseResponse, language: Language) -> list[Column]:
    """Return the table: dose, level, money, reach, difference, value for money, share of the ceiling.

    The first two lines of each column are the time it is about and its unit.
    """
    zh, doses = language == "zh", response.doses
    item, reach = response.variable, response.reach
    window = f"{response.window[0]}-{response.window[1]}" + ("年" if zh else "")
    year = f"{response.at}年" if zh else str(response.at)
    rough = words(language).rough if is_rough(response.n) else ""
    money = scale_for("yuan", max(abs(dose.money.p50) for dose in doses), language)
    change = _scale_of(item, [dose.difference.difference for dose in doses], language)
    reached = _scale_of(reach, [dose.reach.difference for dose in doses], language)
    each = _scale_of(item, [dose.per_million for dose in doses if dose.per_million is not None], language)
    name, name_reach = (item.label_zh, reach.label_zh) if zh else (item.label, reach.label)
    when = _end_of(response.at, zh) if reach.aggregate == "last" else window
    unit = change.of_differences
    per_million = "每百万元" if zh else "per million yuan"
    found = [
        _column("倍数" if zh else "dose", "", "", [f"{dose.times:g}" for dose in doses]),
        _column(
            field_labels(response, language)[0], "", "", [level_text(response, dose, language) for dose in doses],
            goes=2,
        ),
        _column(
            "财政支出" if zh else "public money", window, money.label, [_money(dose, money.divisor) for dose in doses]
        ),
        _column(name_reach, when, reached.of_differences, [_reach(dose, reach, reached.divisor) for dose in doses]),
        _column(f"{name}差值" if zh else name, year, unit, [_difference(dose, item, change.divisor) for dose in doses]),
        _column(words(language).runs_90 + rough, year, unit, [_span(dose, item, change.divisor) for dose in doses]),
        _column("高于零档" if zh else "higher", "", "", [_higher(dose) for dose in doses], goes=1),
        _column(
            per_million, window if item.aggregate == "sum" else year, each.of_differences,
            [_per_million(dose, each) for dose in doses],
        ),
    ]  # fmt: skip
    if any(math.isfinite(dose.share_of_ceiling) for dose in doses):
        shares = [
            format_share(dose.share_of_ceiling, language, 2) if math.isfinite(dose.share_of_ceiling) else MISSING
            for dose in doses
        ]
        found.append(_column("占上限" if zh else "of ceiling", "", "", shares, goes=3))
    return found


def _column(heading: str, when: str, unit: str, cells: list[str], *, goes: int = 0) -> Column:
    return Column(heading, [when, unit, *cells], goes=goes)


def _end_of(year: int, chinese: bool) -> str:
    return f"{year}年末" if chinese else f"end of {year}"


def _scale_of(item: Observable, bands: Sequence[Band], language: Language) -> Scale:
    return scale_for(item.unit, max((abs(band.p50) for band in bands), default=0.0), language)


def _money(dose: Dose, divisor: float) -> str:
    value = dose.money.p50 / divisor
    return plain(value, min(max(significant(value, 3), 0), 2))


def _reach(dose: Dose, item: Observable, divisor: float) -> str:
    return _cell(dose.reach.difference, dose.reach.mc_se, item, divisor)


def _difference(dose: Dose, item: Observable, divisor: float) -> str:
    return _cell(dose.difference.difference, dose.difference.mc_se, item, divisor)


def _cell(band: Band, error: float, item: Observable, divisor: float) -> str:
    """Return a median difference with its sign and the digits its noise allows."""
    return plain(band.p50 / divisor, _decimals(band, error, item, divisor), signed=True)


def _decimals(band: Band, error: float, item: Observable, divisor: float) -> int:
    return whole(band_decimals(band, error, divisor), item.unit)


def _span(dose: Dose, item: Observable, divisor: float) -> str:
    band = dose.difference.difference
    decimals = _decimals(band, dose.difference.mc_se, item, divisor)
    return span(band.p05 / divisor, band.p95 / divisor, decimals, signed=True) or MISSING


def _higher(dose: Dose) -> str:
    """Return in how many runs the dose lies above zero dose; nothing for zero itself."""
    if dose.times == 0.0:
        return MISSING
    count = dose.difference.prob_higher * dose.difference.n
    return f"{plain(count, 0 if abs(count - round(count)) < 1e-9 else 1)}/{dose.difference.n}"


def _per_million(dose: Dose, scale: Scale) -> str:
    """Return what a million yuan of public money goes with, in the column's unit."""
    return MISSING if dose.per_million is None else band_text(dose.per_million, math.nan, scale)


def notes(response: DoseResponse, language: Language) -> list[str]:
    """Return what has to be known to read the table."""
    zh = language == "zh"
    band = bands_note(build_setting(response.zero.run).calibrated)
    found = [band.zh if zh else band.en] if response.n >= MINIMUM_RUNS_FOR_BAND else [few_runs(language)]
    found += ceiling_note(response, language)
    found += shortfall_notes(response, language)
    if not response.whole:
        found.append(
            "零档只是把所乘条款设为零，政策的其他条款仍然有效。"
            if zh
            else "Dose zero sets these fields to zero; the rest of the policy stays in force."
        )
    if response.changes_the_past:
        found.append(
            "该政策在已公布数据的月份已经实施，换一个倍数也改变了过去（反事实）。"
            if zh
            else "The policy was in force in months already reported: other doses change the past as well "
            "(a counterfactual)."
        )
    return found


def shortfall_notes(response: DoseResponse, language: Language) -> list[str]:
    """Say at which doses the policy could not be paid for in full, and what was built."""
    return [
        shortfall_text(dose.shortfall, language, f"{dose.times:g}倍时" if language == "zh" else f"at {dose.times:g}")
        for dose in response.doses
        if dose.shortfall is not None
    ]


def few_runs(language: Language) -> str:
    """Say that there are too few runs for a band."""
    if language == "zh":
        return f"配对推演不足{MINIMUM_RUNS_FOR_BAND}次，不给出区间。"
    return f"Fewer than {MINIMUM_RUNS_FOR_BAND} pairs of runs: no bands are shown."


def ceiling_note(response: DoseResponse, language: Language) -> list[str]:
    """Return the arithmetic ceiling of the largest dose in words, when there is one."""
    dose, zh = response.doses[-1], language == "zh"
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
    return [chinese if zh else english]


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
