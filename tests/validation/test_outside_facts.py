"""Files of figures from outside: an odd row is set aside with its reason, all others are taken."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import UserError
from sim.evidence import load_facts
from sim.evidence.facts import COLUMNS, plain_unit
from sim.evidence.loose import loose_unit
from sim.units import month_number, month_text
from sim.validation.outside_facts import OutsideFacts, read_outside
from tests.validation.later_figures import row, write

HEADER = ",".join(COLUMNS)
PLAIN = "guanxian,bearing-forging,output_value,2024-01,2024-12,8.1,billion yuan,exact,output value,level,invented,note"
BARE = PLAIN.removesuffix("note")
"""The cells of a row behind its id, and the same without the note at the end."""
REORDERED = """value,unit,kind,bound,id,place,variable,period_end,period_start
8.1,billion yuan,level,exact,a,guanxian,output_value,2024-12,2024-01
"""


def read(folder: Path, text: str) -> OutsideFacts:
    path = folder / "later.csv"
    path.write_text(text, encoding="utf-8")
    return read_outside(path)


def ids(found: OutsideFacts) -> list[str]:
    return [fact.id for fact in found.facts]


def test_sources_of_its_own_are_accepted(tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", row("a"), row("b", source="asianet-100499"), row("c", source=""))
    found = read_outside(path)
    assert ids(found) == ["a", "b", "c"]
    assert found.unknown_sources == ("invented",)
    assert found.facts[0].value_plain == 8.1e9


@pytest.mark.parametrize(
    ("changes", "piece"),
    [
        ({"value": ""}, "value is empty"),
        ({"value": "many"}, 'value "many"'),
        ({"value": "NaN"}, 'value "NaN"'),
        ({"value": "40-45"}, 'value "40-45"'),
        ({"value": "40–45"}, 'value "40–45"'),
        ({"value": "3,5"}, 'value "3,5"'),
        ({"value": "5%"}, 'value "5%"'),
        ({"value": "1e9999999999999999999999"}, "value"),
        ({"value": "1e300", "unit": "trillion yuan"}, "too large"),
        ({"unit": ""}, "unit is empty"),
        ({"unit": "million dollars"}, 'the unit "million dollars"'),
        ({"unit": "亿美元"}, 'the unit "亿美元"'),
        ({"unit": "million"}, 'the unit "million"'),
        ({"variable": "output_value_yoy", "unit": "percentage points"}, 'the unit "percentage points"'),
        ({"period_start": ""}, "period_start is empty"),
        ({"period_end": ""}, "period_end is empty"),
        ({"period_start": "", "period_end": ""}, "period_start is empty; period_end is empty"),
        ({"period_start": "2025-13"}, 'period_start "2025-13"'),
        ({"period_start": "1066"}, 'period_start "1066"'),
        ({"period_end": "2024-02-31"}, 'period_end "2024-02-31"'),
        ({"period_start": "２０２４"}, "period_start"),
        ({"period_start": "spring"}, 'period_start "spring"'),
        ({"period_start": "2025-06", "period_end": "2025-01"}, "the period runs backwards"),
        ({"bound": ""}, "bound is empty"),
        ({"bound": "range"}, 'bound "range"'),
        ({"kind": ""}, "kind is empty"),
        ({"kind": "policy"}, 'kind "policy"'),
        ({"kind": "event"}, 'kind "event"'),
        ({"kind": "growth"}, 'variable "output_value" and kind "growth" do not go together'),
        ({"variable": "exports_yoy", "kind": "level"}, 'variable "exports_yoy" and kind "level" do not go together'),
        ({"place": ""}, "place is empty"),
        ({"variable": ""}, "variable is empty"),
        ({"kind": "goal", "period_start": "", "period_end": ""}, "an announced aim, never scored; period_start"),
        ({"value": "", "bound": "over", "period_end": "x"}, 'bound "over"'),
    ],
)
def test_an_odd_row_is_set_aside_and_the_others_are_taken(tmp_path: Path, changes: dict[str, str], piece: str) -> None:
    found = read_outside(write(tmp_path / "later.csv", row("a"), row("odd", **changes), row("b")))
    assert ids(found) == ["a", "b"]
    (aside,) = found.set_aside
    assert aside.id == "odd"
    assert aside.why.startswith("line 3: ")
    assert piece in aside.why
    assert aside.why_zh.startswith("第3行：")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in aside.why_zh[4:])


def test_everything_wrong_with_a_row_is_told(tmp_path: Path) -> None:
    odd = row("odd", place="", value="lots", period_start="soon", bound="over", kind="event")
    (aside,) = read_outside(write(tmp_path / "later.csv", row("a"), odd)).set_aside
    for piece in ("place is empty", "lots", "soon", "over", "event"):
        assert piece in aside.why
        assert piece in aside.why_zh or piece == "place is empty"


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"value": "30,000"}, {"value": 30_000.0}),
        ({"value": "1,234,567.5"}, {"value": 1_234_567.5}),
        ({"value": "+8.1"}, {"value": 8.1}),
        ({"variable": "exports_yoy", "value": "−5.2"}, {"value": -5.2, "value_plain": -0.052}),
        ({"variable": "exports_yoy", "value": "–5.2"}, {"value": -5.2}),
        ({"variable": "exports_yoy", "value": "5%"}, {"value": 5.0, "value_plain": 0.05}),
        ({"variable": "exports_yoy", "value": "5 %", "unit": ""}, {"value_plain": 0.05, "unit": "percent"}),
        ({"bound": "Exact"}, {"bound": "exact"}),
        ({"bound": "At least"}, {"bound": "at_least"}),
        ({"kind": "Level"}, {"kind": "level"}),
        ({"industry": ""}, {"industry": ""}),
        ({"basis": "", "source": "", "note": ""}, {"basis": ""}),
    ],
)
def test_what_is_meant_is_read(tmp_path: Path, changes: dict[str, str], wanted: dict[str, object]) -> None:
    (fact,) = read_outside(write(tmp_path / "later.csv", row("a", **changes))).facts
    assert {name: getattr(fact, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2025", "2025", "2025-01", "2025-12"),
        ("2025", "", "2025-01", "2025-12"),
        ("", "2025", "2025-01", "2025-12"),
        ("2025年", "2025年", "2025-01", "2025-12"),
        ("2024", "2025-06", "2024-01", "2025-06"),
        ("2025-1", "2025-8", "2025-01", "2025-08"),
        ("2025/01", "2025/12", "2025-01", "2025-12"),
        ("2025/1/1", "2025/8/31", "2025-01", "2025-08"),
        ("2025年1月", "2025年08月31日", "2025-01", "2025-08"),
    ],
)
def test_periods(tmp_path: Path, start: str, end: str, first: str, last: str) -> None:
    (fact,) = read_outside(write(tmp_path / "later.csv", row("a", period_start=start, period_end=end))).facts
    assert (month_text(fact.period_start), month_text(fact.period_end)) == (first, last)


@pytest.mark.parametrize(
    ("value", "unit", "plain"),
    [
        ("8.1", "Billion Yuan", (8.1e9, "yuan")),
        ("81", "hundred million yuan", (8.1e9, "yuan")),
        ("81", "100 million yuan", (8.1e9, "yuan")),
        ("81", "100 million RMB", (8.1e9, "yuan")),
        ("81", "RMB 100 million", (8.1e9, "yuan")),
        ("8.1", "CNY bn", (8.1e9, "yuan")),
        ("8.1", "billion CNY", (8.1e9, "yuan")),
        ("5", "ten thousand yuan", (50_000, "yuan")),
        ("5", "million RMB/year", (5e6, "yuan/year")),
        ("5", "10 thousand persons", (50_000, "persons")),
        ("5", "10,000 people", (50_000, "persons")),
        ("5", "thousand jobs", (5_000, "persons")),
        ("5", "workers", (5, "persons")),
        ("5", "Employees", (5, "persons")),
        ("5", "thousand enterprises", (5_000, "count")),
        ("5", "Companies", (5, "count")),
        ("5", "households", (5, "count")),
        ("5", "market entities", (5, "count")),
        ("5", "exhibitors", (5, "count")),
        ("5", "export markets", (5, "count")),
        ("1", "firm", (1, "count")),
        ("5", "Percent", (0.05, "share")),
        ("5", "per cent", (0.05, "share")),
        ("5", "％", (0.05, "share")),
        ("5", "万家", (50_000, "count")),
        ("5", "万户", (50_000, "count")),
        ("5", "万个", (50_000, "count")),
        ("5", "万人次", (50_000, "persons")),
        ("5", "千人", (5_000, "persons")),
        ("5", "百万元", (5e6, "yuan")),
        ("5", "亿 元", (5e8, "yuan")),
        ("5", "亿元人民币", (5e8, "yuan")),
        ("5", "家企业", (5, "count")),
        ("5", "个国家", (5, "count")),
    ],
)
def test_units(tmp_path: Path, value: str, unit: str, plain: tuple[float, str]) -> None:
    (fact,) = read_outside(write(tmp_path / "later.csv", row("a", value=value, unit=unit))).facts
    assert (fact.value_plain, fact.unit_plain) == plain
    assert fact.unit == unit


def test_units_of_the_evidence_are_converted_as_there() -> None:
    for fact in load_facts():
        value = Decimal(str(fact.value))
        assert loose_unit(value, fact.unit) == plain_unit(value, fact.unit)
        assert loose_unit(value, fact.unit) == (Decimal(str(fact.value_plain)), fact.unit_plain)


def test_an_id_used_before_gets_its_line(tmp_path: Path) -> None:
    rows = (row("a"), row("a"), row("a (line 3)"), row(""), row("a", value="lots"))
    found = read_outside(write(tmp_path / "later.csv", *rows))
    assert ids(found) == ["a", "a (line 3)", "a (line 3) (line 4)", "(line 5)"]
    assert [item.id for item in found.set_aside] == ["a (line 6)"]


def test_an_aim_may_be_about_growth_or_a_level(tmp_path: Path) -> None:
    found = read_outside(write(tmp_path / "later.csv", row("aim", variable="exports_yoy", kind="goal")))
    assert found.facts[0].kind == "goal"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\na,{PLAIN}\n",
        f"\ufeff{HEADER}\r\na,{PLAIN}\r\n",
        f"{HEADER},\na,{PLAIN},\n",
        f"{HEADER},,\na,{PLAIN}\n",
        f"{HEADER}\na,{PLAIN},,\n",
        f"{HEADER.replace(',', ', ')}\na, {PLAIN}\n",
        f" {HEADER.upper()} \na,{PLAIN}\n",
        f"\n\n{HEADER}\na,{PLAIN}\n",
        f"# figures of later years, by hand\n{HEADER}\n# a comment\na,{PLAIN}\n",
        f'# a "comment\n{HEADER}\n# more, "of it\na,{PLAIN}\n',
        f"# {HEADER}\na,{PLAIN}\n",
        f"number,{HEADER},checked\n7,a,{PLAIN},yes\n",
        f"{HEADER.removesuffix(',note')}\na,{PLAIN.removesuffix(',note')}\n",
        REORDERED,
    ],
)
def test_columns_are_taken_by_name(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert not found.set_aside
    (fact,) = found.facts
    assert (fact.id, fact.place, fact.variable, fact.value_plain) == ("a", "guanxian", "output_value", 8.1e9)
    assert (fact.bound, fact.kind) == ("exact", "level")
    assert (fact.period_start, fact.period_end) == (month_number(2024, 1), month_number(2024, 12))
    assert fact.basis in ("output value", "")


@pytest.mark.parametrize(
    ("line", "piece"),
    [
        (f"odd,{PLAIN}, with a comma", "14 cells, the table has 13 columns"),
        (f"odd,{PLAIN.removesuffix(',note')}", "12 cells"),
        ("odd,guanxian", "2 cells"),
        (f'odd,{BARE}"open', "not valid CSV"),
        (f'odd,{BARE}"quoted" twice', "not valid CSV"),
        (f"odd,{PLAIN}{'x' * 200_000}", "not valid CSV"),
    ],
)
def test_a_row_that_is_no_row_of_the_table_is_set_aside(tmp_path: Path, line: str, piece: str) -> None:
    quoted = f'b,{BARE}"a note, quoted"'
    found = read(tmp_path, f"{HEADER}\na,{PLAIN}\n{line}\n{quoted}\nc,{PLAIN}\n")
    assert ids(found) == ["a", "b", "c"]
    assert [fact.note for fact in found.facts] == ["note", "a note, quoted", "note"]
    (aside,) = found.set_aside
    assert (aside.id, aside.place) == ("odd", "guanxian")
    assert piece in aside.why


def test_a_quoted_cell_may_hold_several_lines(tmp_path: Path) -> None:
    lines = f'a,{BARE}"two\nlines"\n'
    found = read(tmp_path, f"{HEADER}\n{lines}odd,{PLAIN},more\n")
    assert [fact.note for fact in found.facts] == ["two\nlines"]
    assert found.set_aside[0].why.startswith("line 4: ")


def test_a_figure_whose_id_begins_with_a_hash_is_no_comment(tmp_path: Path) -> None:
    found = read(tmp_path, f"{HEADER}\n#1,{PLAIN}\n# a comment, with commas\n#,,,,,,,,,,,,\n#2,{PLAIN},more\n")
    assert ids(found) == ["#1"]
    assert [item.id for item in found.set_aside] == ["#2"]


@pytest.mark.parametrize(
    ("content", "piece"),
    [
        (None, "there is no such file"),
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "the file is empty"),
        (b"id,place\na,b\n", "expected id, place, variable"),
        (HEADER.replace(",", ";").encode(), "separated by commas"),
        (HEADER.replace(",bound", "").encode(), "missing: bound"),
        (f"{HEADER},value\n".encode(), "there twice: value"),
        (b"# nothing\n,,,\n", "no row of column names"),
        (b"x" * 300_000, "missing: id"),
        (f"{HEADER}\n".encode(), "no figure in the file"),
        (f"{HEADER}\n,,,\n# none\n".encode(), "no figure in the file"),
        (f"{HEADER}\n".encode("utf-16"), "looks like UTF-16"),
    ],
)
def test_files_that_are_no_table_of_figures(tmp_path: Path, content: bytes | None, piece: str) -> None:
    path = tmp_path / "later.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=piece) as caught:
        read_outside(path)
    assert len(str(caught.value)) < 1_000


def test_gbk_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", row("a", note="x"))
    path.write_bytes(path.read_text(encoding="utf-8").replace("x", "冠县统计公报").encode("gbk"))
    with pytest.raises(UserError, match="GBK"):
        read_outside(path)


@given(st.lists(st.lists(st.text(max_size=8) | st.sampled_from(PLAIN.split(",")), max_size=15), max_size=6))
def test_whatever_rows_hold_the_others_are_taken(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    text = "\n".join([HEADER, f"first,{PLAIN}", *(",".join(cells) for cells in rows), f"last,{PLAIN}", ""])
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return
    path = tmp_path_factory.mktemp("any") / "later.csv"
    path.write_bytes(data)
    if b"\x00" in data:
        with pytest.raises(UserError, match="not text"):
            read_outside(path)
        return
    found = read_outside(path)
    taken = [fact.id for fact in found.facts]
    assert taken[0] == "first"
    assert len({*taken, *(item.id for item in found.set_aside)}) == len(taken) + len(found.set_aside)
    assert all(item.why and item.why_zh for item in found.set_aside)
