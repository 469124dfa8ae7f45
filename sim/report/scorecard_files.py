"""The scorecard as text for the terminal, as plain records for other programs, and as a CSV file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from sim.calibrate.rivals import RIVALS, YEAR_TO_YEAR
from sim.calibrate.validation import Opponent, all_versus, coverage
from sim.evidence import load_sources, variable_label
from sim.report.numbers import MISSING, finite
from sim.report.scorecard import (
    GROUPS,
    READ,
    group_notes,
    lines_of,
    listed_title,
    origin_lines,
    place_of,
    rival_name,
    rivals_shown,
    shortened,
    title_of,
    totals_of,
)
from sim.report.table import Column, layout, one_line
from sim.report.words import pick
from sim.units import Language, month_text, plain_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.calibrate.validation import Scorecard, Scored
    from sim.evidence import Fact

CELL: Final = 50
"""Columns of the terminal that a word from a file may take."""


def scorecard_text(card: Scorecard, language: Language, *, width: int | None = None, files: str = "") -> str:
    """Return the whole scorecard for the terminal.

    Parameters
    ----------
    width
        Terminal columns; a wider table loses its less important columns. None: never.
    files
        Where the page and the CSV file are.
    """
    blocks = [[title_of(card, language), *origin_lines(card, language)]]
    if card.file:
        blocks[0].insert(1, pick(language, f"figures: {one_line(card.file)}", f"公布数文件：{one_line(card.file)}"))
    for name, items in card.groups:
        blocks.append([pick(language, *GROUPS[name]), *layout(_columns(card, items, language), width)])
        blocks.append(_totals(items, language))
    if card.listed:
        blocks.append([listed_title(card, language), *layout(_columns(card, card.listed, language), width)])
    if card.unscored:
        title = pick(language, "Not scored", "未评分")
        blocks.append([title, *layout(_unscored(card, language))[1:]])
    blocks.append([shortened(one_line(pick(language, *note)), 8 * CELL) for note in card.notes])
    if card.scored:
        blocks.append([pick(language, *text) for text in READ])
    else:
        blocks.append([pick(language, "No figure could be scored.", "没有可评分的公布数。")])
    if files:
        blocks.append([pick(language, f"files  {files}", f"文件  {files}")])
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _columns(card: Scorecard, items: Sequence[Scored], language: Language) -> list[Column]:
    lines = lines_of(card, items, language)
    columns = [
        Column(pick(language, "figure", "指标"), [shortened(line.figure, CELL) for line in lines], left=True),
        Column(pick(language, "period", "时期"), [line.period for line in lines], left=True),
        Column(pick(language, "basis", "口径"), [shortened(line.basis, CELL) for line in lines], left=True, goes=1),
        Column(pick(language, "reported", "公布数"), [shortened(line.reported, CELL) for line in lines], left=True),
        Column(pick(language, "model", "模型中位数"), [shortened(line.middle, CELL) for line in lines], left=True),
        Column(pick(language, "90% band", "90%区间"), [line.reach for line in lines], left=True),
        Column("", [line.result for line in lines], left=True),
        Column("PIT", [line.pit for line in lines], goes=2),
        Column(pick(language, "score", "得分"), [line.score for line in lines]),
    ]
    if len(card.places) > 1:
        columns.insert(0, Column(pick(language, "place", "地区"), [line.place for line in lines], left=True))
    return columns + [
        Column(
            pick(language, f"skill: {rival_name(name, language)}", f"技巧分：{rival_name(name, language)}"),
            [line.skills[name] for line in lines],
            goes=3,
        )
        for name in rivals_shown(items)
    ]


def _totals(items: Sequence[Scored], language: Language) -> list[str]:
    headings, rows = totals_of(items, language)
    notes = [f"  {text}" for text in group_notes(items, language)]
    if not rows:
        return [*notes, pick(language, "  no rival has anything to say of them", "  对手均无预测")]
    columns = [
        Column(heading, [row[number] for row in rows], left=number == 0) for number, heading in enumerate(headings)
    ]
    return [*notes, *(f"  {line}" for line in layout(columns))]


def _unscored(card: Scorecard, language: Language) -> list[Column]:
    def cells(texts: list[str], most: int = CELL) -> Column:
        return Column("", [shortened(one_line(text) or MISSING, most) for text in texts], left=True)

    return [
        Column("", [""] * len(card.unscored)),
        cells([item.id for item in card.unscored]),
        cells([place_of(card, item.place, language) for item in card.unscored]),
        cells([variable_label(item.variable, language) for item in card.unscored]),
        cells([pick(language, item.why, item.why_zh) for item in card.unscored], 3 * CELL),
    ]


def scorecard_record(card: Scorecard) -> dict[str, Any]:
    """Return everything as plain data; what is not a number is None."""
    return {
        "kind": card.kind,
        "file": card.file,
        "digest": card.digest,
        "predictions_from": [vars(item) for item in card.origins],
        "year_to_year_spread_of_rivals": YEAR_TO_YEAR,
        "rivals": {name: {"rule": words.rule, "rule_zh": words.rule_zh} for name, words in RIVALS.items()},
        "totals": {name: _totals_record(items) for name, items in card.groups},
        "figures": [_record(card, item) for item in card.scored],
        "listed": [_record(card, item) for item in card.listed],
        "not_scored": [
            {
                "id": item.id,
                "place": item.place,
                "variable": item.variable,
                "reason": item.why,
                "reason_zh": item.why_zh,
            }
            for item in card.unscored
        ],
        "notes": [{"en": en, "zh": zh} for en, zh in card.notes],
    }


def _totals_record(items: Sequence[Scored]) -> dict[str, Any]:
    bands = {}
    for share in (0.5, 0.9):
        found = coverage(items, share)
        bands[f"{share:.0%}"] = vars(found) | {"expected": list(found.expected)}
    versus = {
        found.rival: {
            "figures": found.figures, "score_model": found.model, "score_rival": found.score,
            "skill": finite(found.skill), "model_closer": found.better,
            "skill_by_spread": {str(spread): finite(value) for spread, value in found.skills.items()},
        }
        for found in all_versus(items)
    }  # fmt: skip
    return {"bands": bands, "versus": versus}


def _about(fact: Fact) -> dict[str, Any]:
    return {
        "id": fact.id, "place": fact.place, "variable": fact.variable, "kind": fact.kind,
        "period_start": month_text(fact.period_start), "period_end": month_text(fact.period_end),
        "reported": fact.value_plain, "unit": fact.unit_plain, "basis": fact.basis,
        "source": str(load_sources().get(fact.source, fact.source)),
    }  # fmt: skip


def _record(card: Scorecard, item: Scored) -> dict[str, Any]:
    """Return one figure as plain data."""
    rivals: dict[str, Any] = {}
    for name, found in item.rivals.items():
        if isinstance(found, Opponent):
            forecast = found.forecast
            rivals[name] = {
                "mean": forecast.mean, "deviation": forecast.deviation, "soft": forecast.soft, "score": found.score,
                "skill": finite(item.skill(name)), "from": forecast.en, "from_zh": forecast.zh,
            }  # fmt: skip
        else:
            rivals[name] = {"none": found.en, "none_zh": found.zh}
    return {
        **_about(item.fact),
        "place_name": place_of(card, item.fact.place, "en"),
        "place_name_zh": place_of(card, item.fact.place, "zh"),
        "bound": item.bound,
        "compared_in": "logarithms" if item.in_logs else "rate",
        "scenario": item.scenario,
        "fit": item.fit,
        **vars(item.band),
        "inside_50": item.inside_half,
        "inside_90": item.inside_most,
        "pit": finite(item.pit),
        "score": finite(item.crps),
        "later_than_all_evidence": item.later,
        "note": item.note,
        "note_zh": item.note_zh,
        "rivals": rivals,
    }


def scorecard_csv(card: Scorecard) -> str:
    """Return ``scorecard.csv``: one row a figure, also those listed or not scored, with the reason."""
    rows = [_row(card, item, "scored") for item in card.scored] + [_row(card, item, "listed") for item in card.listed]
    rows += [
        {"id": item.id, "place": item.place, "variable": item.variable, "state": "not scored", "reason": item.why}
        for item in card.unscored
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _row(card: Scorecard, item: Scored, state: str) -> dict[str, Any]:
    record = _record(card, item)
    rivals = record.pop("rivals")
    row = {"id": record.pop("id"), "place": record.pop("place"), "variable": record.pop("variable"), "state": state}
    row |= {"reason": ""} | record
    for name in RIVALS:
        found = rivals.get(name, {})
        for key in ("mean", "deviation", "score", "skill"):
            row[f"{name}_{key}"] = found.get(key, "")
        row[f"{name}_from"] = found.get("from", found.get("none", ""))
    return row


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else plain_cell(value)
