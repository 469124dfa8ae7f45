"""Reported against simulated as text for the terminal, and as plain records for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.compare.statistics import out_of
from sim.evidence import BOUNDS, load_sources
from sim.evidence.variables import basis_label
from sim.report.fit import figure_name, period_text, place_label, reading
from sim.report.numbers import MISSING, finite, plain, scale_for, significant, span
from sim.report.table import Column, layout, one_line
from sim.report.words import named, pick
from sim.reporting.recipes import WHY_WORDS
from sim.units import format_value, month_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.evidence import Fact
    from sim.experiments import Run
    from sim.report.fit import Fit, FitLine
    from sim.report.numbers import Language
    from sim.reporting import NotAnswered, Reach

START = "°"
"""Behind the result of a figure that the run starts from."""


def fit_text(found: Fit, run: Run, language: Language, *, every: bool = False, width: int | None = None) -> str:
    """Return the whole comparison for the terminal: misses on top, then aims, then what was not used.

    Parameters
    ----------
    every
        How each figure was asked, and the figures not used with the reason.
    width
        Terminal columns; a wider table loses its less important columns. None: never.
    """
    parts = [_heading(found, run, language)]
    if found.lines:
        parts.append(layout(_columns(found.lines, run, language), width))
    parts.append(_legend(found, language))
    if found.aims:
        parts.append([pick(language, "announced aims (never calibration data)", "已宣布的目标（不用于校准）")])
        parts[-1] += [f"  {aim_text(aim, run, language)}" for aim in found.aims]
    if every and found.lines:
        parts.append([pick(language, "how each figure was asked", "各项折算")])
        parts[-1] += [f"  {line.fact.id}  {pick(language, line.answer.en, line.answer.zh)}" for line in found.lines]
    if found.unused:
        parts.append(_unused(found.unused, language, every=every))
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _heading(found: Fit, run: Run, language: Language) -> list[str]:
    name = one_line(named(run.scenario, language))
    runs = pick(language, f"{found.replicates} runs", f"{found.replicates}次推演")
    calibrated = run.manifest["identity"]["draws"]
    draws = (
        pick(language, f"draws {calibrated}", f"参数抽样{calibrated}")
        if calibrated
        else pick(language, "parameters not calibrated", "参数未校准")
    )
    title = pick(language, "Reported and simulated", "公布数与推演结果对照")
    return [f"{title}: {name}" if language == "en" else f"{title}：{name}", f"{run.id}   {runs}   {draws}"]


def _columns(lines: Sequence[FitLine], run: Run, language: Language) -> list[Column]:
    """Return the table, one row a figure."""
    facts = [line.fact for line in lines]
    places = [one_line(place_label(fact.place, run.scenario.places, language)) for fact in facts]
    numbers = [_numbers(line, language) for line in lines]
    columns = [
        Column(pick(language, "figure", "指标"), [figure_name(fact.variable, language) for fact in facts], left=True),
        Column(pick(language, "reported", "公布数"), [_reported(line, language) for line in lines], left=True),
        Column(pick(language, "period", "时期"), [period_text(fact, language) for fact in facts], left=True, goes=2),
        Column(pick(language, "basis", "口径"), [_basis(fact, language) for fact in facts], left=True, goes=1),
        Column(pick(language, "simulated", "推演中位数"), [middle for middle, _ in numbers], left=True),
        Column(pick(language, "90% of runs", "90%区间"), [reach for _, reach in numbers], left=True),
        Column("", [reading(line, language) + (START if line.start else "") for line in lines], left=True),
    ]
    if len(set(places)) > 1 or len(run.places) > 1:
        columns.insert(0, Column(pick(language, "place", "地区"), places, left=True))
    return columns


def _reported(line: FitLine, language: Language) -> str:
    return f"{BOUNDS[line.answer.bound]} {format_value(line.fact.value_plain, line.fact.unit_plain, language, 15)}"


def _basis(fact: Fact, language: Language) -> str:
    return one_line(basis_label(fact.basis, language)) or MISSING


def _numbers(line: FitLine, language: Language) -> tuple[str, str]:
    """Return the median with its unit and the 90% band in the same unit."""
    found = line.simulated
    scale = scale_for(line.fact.unit_plain, max(abs(line.fact.value_plain), abs(found.p50)), language)
    largest = max(abs(value) for value in (line.fact.value_plain, found.p50)) / scale.divisor
    decimals = min(max(significant(largest, 3), 0), 4)
    if line.fact.unit_plain in ("count", "persons"):
        decimals = 0
    unit = scale.label if scale.label == "%" or language == "zh" else f" {scale.label}" if scale.label else ""
    unit = "" if line.fact.unit_plain == "count" else unit
    middle = plain(found.p50 / scale.divisor, decimals) + unit
    return middle, span(found.p05 / scale.divisor, found.p95 / scale.divisor, decimals) or MISSING


def _legend(found: Fit, language: Language) -> list[str]:
    counts = [
        (found.count("missed"), "missed", "未覆盖"),
        (found.count("inside"), "inside the band", "在区间内"),
        (found.count("right side"), "on the right side of a bound", "与界限方向一致"),
        (found.count("too few runs"), "without a band (fewer than 20 runs)", "推演不足20次，无区间"),
    ]
    told = [pick(language, f"{number} {en}", f"{zh}{number}项") for number, en, zh in counts if number]
    lines = [pick(language, "; ", "；").join(told)] if told else []
    if not found.lines:
        return [
            pick(
                language,
                "No reported figure can be asked of this run; --all lists all of them with the reason.",
                "该推演没有可对照的公布数；--all 列出全部公布数及原因。",
            )
        ]
    lines.append(
        pick(
            language,
            "= exact   ≥ at least   ≤ at most   ≈ about (within a tenth)",
            "= 确数   ≥ 至少   ≤ 至多   ≈ 约（上下一成）",
        )
    )
    if any(line.start for line in found.lines):
        lines.append(
            pick(
                language,
                f"{START} the run starts from this figure: agreement in its own year is by construction",
                f"{START} 该公布数是起始值，当年相符是设定的结果",
            )
        )
    lines.append(
        pick(
            language,
            "A miss may lie in the model, in the basis or in the figure: compare the basis first.",
            "未覆盖可能出自模型、口径或公布数本身，请先核对口径。",
        )
    )
    return lines


def aim_text(found: Reach, run: Run, language: Language) -> str:
    """Return one aim: level, date and the share of runs that reach it."""
    from sim.observables import observable

    aim, item = found.aim, observable(found.aim.variable)
    level = format_value(aim.at_least, item.unit, language)
    runs = out_of(found.share, found.months.size, language)
    name = one_line(place_label(aim.place or run.places[0], run.scenario.places, language)) if _named(aim, run) else ""
    if language == "zh":
        text = f"{aim.id}：{name}{item.label_zh}在{month_text(aim.by)}前达到{level}：{runs}达到"
        text += f"（中位月份{month_text(found.middle)}）" if found.middle is not None else ""
        return text + ("（推演在期限前结束）" if found.ends_before else "")
    where = f" of {name}" if name else ""
    text = f"{aim.id}: {item.label}{where} at least {level} by {month_text(aim.by)}: reached in {runs}"
    text += f", median month {month_text(found.middle)}" if found.middle is not None else ""
    return text + ("  (the runs end before the date)" if found.ends_before else "")


def _named(aim: Any, run: Run) -> bool:
    """Whether the place of an aim has to be said."""
    return aim.place is not None and len(run.places) > 1


def _unused(unused: Sequence[NotAnswered], language: Language, *, every: bool) -> list[str]:
    if not every:
        kinds: dict[str, int] = {}
        for item in unused:
            kinds[WHY_WORDS[item.why][language == "zh"]] = kinds.get(WHY_WORDS[item.why][language == "zh"], 0) + 1
        told = pick(language, ", ", "、").join(f"{word} {number}" for word, number in kinds.items())
        return [
            pick(
                language,
                f"{len(unused)} reported figures are not used here ({told}); --all lists them",
                f"另有{len(unused)}项公布数未用（{told}）；--all 逐项列出",
            )
        ]
    columns = [
        Column(pick(language, "not used", "未用"), [item.fact.id for item in unused], left=True),
        Column(
            pick(language, "figure", "指标"), [figure_name(item.fact.variable, language) for item in unused], left=True
        ),
        Column(pick(language, "kind", "类别"), [WHY_WORDS[item.why][language == "zh"] for item in unused], left=True),
        Column(pick(language, "why", "原因"), [pick(language, item.en, item.zh) for item in unused], left=True),
    ]
    return layout(columns)


def fit_record(found: Fit, run: Run) -> dict[str, Any]:
    """Return everything as plain data; what is not a number is None."""
    sources = load_sources()

    def about(fact: Fact) -> dict[str, Any]:
        return {
            "id": fact.id,
            "place": fact.place,
            "variable": fact.variable,
            "period_start": month_text(fact.period_start),
            "period_end": month_text(fact.period_end),
            "reported": fact.value_plain,
            "unit": fact.unit_plain,
            "bound": fact.bound,
            "basis": fact.basis,
            "kind": fact.kind,
            "source": str(sources.get(fact.source, fact.source)),
        }

    return {
        "run": run.id,
        "scenario": run.scenario_id,
        "replicates": found.replicates,
        "figures": [about(line.fact) | _simulated(line) for line in found.lines],
        "aims": [_aim(item) for item in found.aims],
        "not_used": [
            about(item.fact) | {"kind_of_reason": item.why, "reason": item.en, "reason_zh": item.zh}
            for item in found.unused
        ],
    }


def _simulated(line: FitLine) -> dict[str, Any]:
    return {
        "bound_used": line.answer.bound,
        "observable": line.answer.variable,
        "p05": finite(line.simulated.p05),
        "p50": finite(line.simulated.p50),
        "p95": finite(line.simulated.p95),
        "values": [finite(float(value)) for value in line.answer.values],
        "scope_factor": finite(line.scope),
        "standing": line.standing,
        "run_starts_from_it": line.start,
        "how": line.answer.en,
        "how_zh": line.answer.zh,
    }


def _aim(item: Reach) -> dict[str, Any]:
    return {
        "id": item.aim.id,
        "place": item.aim.place,
        "variable": item.aim.variable,
        "at_least": item.aim.at_least,
        "by": month_text(item.aim.by),
        "source": item.aim.source,
        "published": item.aim.published,
        "share_reached": item.share,
        "median_month": None if item.middle is None else month_text(item.middle),
        "runs_end_before": item.ends_before,
    }
