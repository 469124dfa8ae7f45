"""What drives a difference, as a table and in words, in English or Chinese; and as rows and JSON for other programs."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from sim.compare.statistics import out_of
from sim.report.numbers import Scale, plain, span
from sim.report.sensitivity_names import counted_kinds, input_name, kind_name, value_text
from sim.report.sensitivity_words import decimals_of, difference_scale, notes, summary
from sim.report.table import Column, layout, one_line
from sim.report.words import named

if TYPE_CHECKING:
    from sim.calibrate.sensitivity_result import Driver, Place, Sensitivity
    from sim.calibrate.sensitivity_shares import Estimate
    from sim.report.numbers import Language

COLUMNS: Final = (
    "row", "input", "kind", "name", "name_zh", "share", "share_low", "share_high", "chance_found", "end", "value",
    "value_unit", "level", "difference", "difference_low", "difference_high", "unit", "sign_changes",
)  # fmt: skip
"""Columns of the data drawn; ``row`` is ``all``, ``input``, ``together``, ``small`` or ``chance``."""


def sensitivity_text(result: Sensitivity, language: Language = "en", *, width: int | None = None) -> str:
    """Return heading, table, the answer in words and notes for the terminal.

    Parameters
    ----------
    width
        Terminal columns; when the table is wider the less important columns are left out. None: never.
    """
    parts = [heading(result, language)]
    if result.shares is not None:
        parts.append(layout(columns(result, language), width))
    parts += [[summary(result, language).strip()], notes(result, language)]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def heading(result: Sensitivity, language: Language) -> list[str]:
    """Return what is compared, what was varied, and the difference itself."""
    zh, settings = language == "zh", result.study.settings
    lines = []
    for letter, side in (("B", settings.scenario), ("A", settings.baseline)):
        name = named(side, language)
        lines.append(f"{letter}  {side.id}  {one_line(name)}")
    lines.append(_varied(result, language))
    item, scale = result.variable, difference_scale(result, language)
    decimals = decimals_of(result, scale)
    mean = plain(result.mean / scale.divisor, decimals, signed=True)
    ends = span(result.quantile(0.05) / scale.divisor, result.quantile(0.95) / scale.divisor, decimals, signed=True)
    higher = out_of(result.prob_higher, result.n, language)
    unit = scale.of_differences
    if zh:
        lines.append(f"{result.at}年{item.label_zh}差值（B−A）：平均{mean}{unit}，90%的推演在{ends}；B较高：{higher}")
    else:
        start = f"B − A in {item.label} in {result.at}: {mean} {unit}".rstrip()
        lines.append(f"{start} on average, 90% of runs {ends}; B higher in {higher}")
    return lines


def _varied(result: Sensitivity, language: Language) -> str:
    """Return how many inputs of each kind were varied, and the runs behind it."""
    zh, settings = language == "zh", result.study.settings
    listed = counted_kinds(settings.inputs, language)
    if zh:
        return (
            f"{result.n}对推演，{len(settings.inputs)}项输入同时变动：{listed}；"
            f"随机种子{settings.seed}，模型版本{settings.model_version}，比例1:{settings.scale}"
        )
    return (
        f"{result.n} pairs, {len(settings.inputs)} inputs varied at once: {listed}; "
        f"seed {settings.seed}, model {settings.model_version}, scale 1:{settings.scale}"
    )


def columns(result: Sensitivity, language: Language) -> list[Column]:
    """Return the table: inputs that stand out, then what is left."""
    zh, shares = language == "zh", result.shares
    assert shares is not None
    scale = difference_scale(result, language)
    settings = result.study.settings
    unit = f"（{scale.of_differences}）" if zh else f", {scale.of_differences}"
    unit = unit if scale.of_differences else ""
    rows = [
        (
            input_name(driver.input, settings, language),
            kind_name(driver.input, language),
            percent(driver.share.value),
            percent_span(driver.share),
            end_text(result, driver, driver.low, scale, language),
            end_text(result, driver, driver.high, scale, language),
            _sign(driver, language),
            driver.input.name,
        )
        for driver in result.drivers
    ]
    rows += [(*row, "", "", "", "") for row in rest_rows(result, language)]
    heads = (
        ("输入", "类别", "占差值波动", "90%区间", f"低端取值：差值{unit}", f"高端取值：差值{unit}", "正负", "名称")
        if zh
        else ("input", "kind", "share", "90%", f"low end: B − A{unit}", f"high end: B − A{unit}", "sign", "name")
    )
    left = (True, True, False, False, False, False, True, True)
    goes = (0, 3, 0, 2, 0, 0, 0, 1)
    return [
        Column(head, [row[k] for row in rows], left=left[k], goes=goes[k])
        for k, head in enumerate(heads)
        if any(row[k] for row in rows)
    ]


def rest_rows(result: Sensitivity, language: Language) -> list[tuple[str, str, str, str]]:
    """Return name, kind, share and its range of what no single input accounts for."""
    zh, shares = language == "zh", result.shares
    assert shares is not None
    rows = []
    if any(len(term.factors) > 1 for term in shares.terms):
        name = "上述输入的共同作用" if zh else "pairs of these acting together"
        rows.append((name, "", percent(shares.together.value), percent_span(shares.together)))
    others = len(result.study.settings.inputs) - len(result.drivers)
    what = ("其余" if zh else "the other") if result.drivers else ("全部" if zh else "all")
    many = f"{what}{others}项输入，单项均不突出" if zh else f"{what} {others} inputs, none of which stands out"
    if shares.chance is None:
        both = f"{many}，以及随机因素" if zh else f"{many}, and chance"
        return [*rows, (both, "", percent(shares.left.value), percent_span(shares.left))]
    rows.append((many, "", percent(shares.small), ""))
    name = "随机因素（输入相同，运气不同）" if zh else "chance: equal inputs, other luck"
    rows.append((name, "", percent(shares.luck), percent_span(shares.chance)))
    return rows


def percent(share: float) -> str:
    """Return a share of the variation; below a tenth of a percent it is nothing."""
    return f"{100.0 * share:.0f}%"


def percent_span(share: Estimate) -> str:
    """Return the whiskers of a share, within 0 and 100 %."""
    low, high = (100.0 * min(max(end, 0.0), 1.0) for end in (share.low, share.high))
    return f"{low:.0f} … {high:.0f}"


def end_text(result: Sensitivity, driver: Driver, place: Place, scale: Scale, language: Language) -> str:
    """Return an end of an input and the difference there with its whiskers: ``2.5: +0.21 (+0.15 … +0.27)``."""
    decimals = decimals_of(result, scale)
    one = place.difference
    number = plain(one.value / scale.divisor, decimals, signed=True)
    inside = span(one.low / scale.divisor, one.high / scale.divisor, decimals, signed=True)
    value = value_text(driver.input, place.value, language)
    return f"{value}：{number}（{inside}）" if language == "zh" else f"{value}: {number} ({inside})"


def _sign(driver: Driver, language: Language) -> str:
    if not driver.sign_changes:
        return ""
    return "正负相反" if language == "zh" else "changes"


# --- for other programs ---------------------------------------------------------------------------------------


def records(result: Sensitivity) -> list[dict[str, Any]]:
    """Return what is drawn, in plain units: a row for each end (or world) of an input, then what is left."""
    unit = result.variable.unit
    everything = {"difference": result.mean, "difference_low": result.quantile(0.05), "unit": unit}
    rows: list[dict[str, Any]] = [{"row": "all", "share": 1.0, **everything, "difference_high": result.quantile(0.95)}]
    settings = result.study.settings
    for driver in result.drivers:
        places = driver.levels or (driver.low, driver.high)
        for number, place in enumerate(places):
            level = driver.input.levels[round(place.value)][0] if driver.levels else ""
            rows.append(
                {
                    "row": "input",
                    "input": driver.input.name,
                    "kind": kind_name(driver.input, "en"),
                    "name": input_name(driver.input, settings, "en"),
                    "name_zh": input_name(driver.input, settings, "zh"),
                    "share": driver.share.value,
                    "share_low": driver.share.low,
                    "share_high": driver.share.high,
                    "chance_found": driver.p,
                    "end": "level" if driver.levels else ("low", "high")[number],
                    "value": math.nan if driver.levels else place.value,
                    "value_unit": driver.input.unit,
                    "level": level,
                    "difference": place.difference.value,
                    "difference_low": place.difference.low,
                    "difference_high": place.difference.high,
                    "unit": unit,
                    "sign_changes": driver.sign_changes,
                }
            )
    return rows + _rest_records(result)


def _rest_records(result: Sensitivity) -> list[dict[str, Any]]:
    shares = result.shares
    if shares is None:
        return []
    known: list[tuple[str, float, Estimate | None]] = [("together", shares.together.value, shares.together)]
    if shares.chance is None:
        known.append(("small", shares.left.value, shares.left))
    else:
        known += [("small", shares.small, None), ("chance", shares.luck, shares.chance)]
    return [
        {
            "row": row,
            "share": value,
            "share_low": math.nan if whiskers is None else whiskers.low,
            "share_high": math.nan if whiskers is None else whiskers.high,
        }
        for row, value, whiskers in known
    ]


def as_json(result: Sensitivity) -> dict[str, Any]:
    """Return everything a program may want to know, in plain units."""
    settings, shares = result.study.settings, result.shares
    return {
        "scenario": settings.scenario.id,
        "baseline": settings.baseline.id,
        "variable": result.variable.name,
        "unit": result.variable.unit,
        "year": result.at,
        "pairs": result.n,
        "dropped": result.dropped,
        "inputs": len(settings.inputs),
        "calibration": settings.calibration,
        "seed": settings.seed,
        "scale": settings.scale,
        "model_version": settings.model_version,
        "study": result.study.folder.name,
        "difference": {
            "mean": result.mean,
            "standard_error": result.standard_error,
            "p05": result.quantile(0.05),
            "p50": result.quantile(0.5),
            "p95": result.quantile(0.95),
            "prob_higher": result.prob_higher,
        },
        "drivers": [_driver_json(result, driver) for driver in result.drivers],
        "together": None if shares is None else asdict(shares.together),
        "chance": None if shares is None or shares.chance is None else asdict(shares.chance),
        "left": None if shares is None else asdict(shares.left),
        "detectable_share": None if shares is None else shares.detectable,
        "summary": summary(result, "en").strip(),
        "summary_zh": summary(result, "zh").strip(),
    }


def _driver_json(result: Sensitivity, driver: Driver) -> dict[str, Any]:
    settings = result.study.settings
    places = driver.levels or (driver.low, driver.high)
    return {
        "input": driver.input.name,
        "kind": driver.input.kind,
        "calibrated": driver.input.fitted,
        "name": input_name(driver.input, settings, "en"),
        "name_zh": input_name(driver.input, settings, "zh"),
        "unit": driver.input.unit,
        "share": asdict(driver.share),
        "chance_found": driver.p,
        "sign_changes": driver.sign_changes,
        "at": [
            {
                "value": driver.input.levels[round(place.value)][0] if driver.levels else place.value,
                "difference": asdict(place.difference),
            }
            for place in places
        ],
    }
