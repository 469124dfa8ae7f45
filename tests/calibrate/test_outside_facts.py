"""Files of figures from outside: what is accepted with a note, and everything wrong told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.calibrate.outside_facts import read_outside
from sim.errors import UserError
from tests.calibrate.later_figures import row, write


def test_sources_of_its_own_are_accepted(tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", row("a"), row("b", source="asianet-100499"), row("c", source=""))
    found = read_outside(path)
    assert [fact.id for fact in found.facts] == ["a", "b", "c"]
    assert found.unknown_sources == ("invented",)
    assert found.facts[0].value_plain == 8.1e9


def test_a_unit_nobody_knows_sets_the_row_aside(tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", row("a"), row("b", unit="million dollars"))
    found = read_outside(path)
    assert [fact.id for fact in found.facts] == ["a"]
    (aside,) = found.set_aside
    assert (aside.id, aside.place) == ("b", "guanxian")
    assert "million dollars" in aside.why
    assert "million dollars" in aside.why_zh


def test_everything_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    path = write(
        tmp_path / "later.csv",
        row("fine"),
        row("number", value="many"),
        row("nan", value="NaN"),
        row("bound", bound="over"),
        row("kind", kind="growth"),
        row("growth", variable="exports_yoy", kind="level"),
        row("months", period_start="2025-13"),
        row("backwards", period_start="2025-06", period_end="2025-01"),
        row("fine"),
        row("nowhere", place=""),
    )
    with pytest.raises(UserError) as caught:
        read_outside(path)
    told = str(caught.value)
    for line, piece in (
        (3, 'value "many" is not a number'),
        (4, 'value "NaN" is not a number'),
        (5, 'bound "over" is not known'),
        (6, 'variable "output_value" and kind "growth" do not go together'),
        (7, 'variable "exports_yoy" and kind "level" do not go together'),
        (8, "period_start"),
        (9, "the period runs backwards"),
        (10, 'id "fine" is used twice'),
        (11, "place is empty"),
    ):
        assert any(f"later.csv:{line}  " in text and piece in text for text in told.splitlines()), (line, piece)


def test_an_aim_may_be_about_growth_or_a_level(tmp_path: Path) -> None:
    found = read_outside(write(tmp_path / "later.csv", row("aim", variable="exports_yoy", kind="goal")))
    assert found.facts[0].kind == "goal"


@pytest.mark.parametrize(
    ("content", "piece"),
    [
        (None, "cannot be read"),
        ("", "the file is empty"),
        ("id,place\na,b\n", "expected id, place, industry"),
        ("id,place,industry,variable,period_start,period_end,value,unit,bound,basis,kind,source,note\n", "no figure"),
        (
            "id,place,industry,variable,period_start,period_end,value,unit,bound,basis,kind,source,note\na,b\n",
            "2 cells",
        ),
    ],
)
def test_files_that_are_no_table_of_figures(tmp_path: Path, content: str | None, piece: str) -> None:
    path = tmp_path / "later.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=piece):
        read_outside(path)


def test_gbk_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "later.csv", row("a", note="x"))
    path.write_bytes(path.read_text(encoding="utf-8").replace("x", "冠县统计公报").encode("gbk"))
    with pytest.raises(UserError, match="GBK"):
        read_outside(path)
