"""Reported figures: what ships is consistent, and what is wrong in a file is told all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import UserError
from sim.evidence import Fact, facts_for, find_fact, load_facts, load_series, load_sources, variable_label
from sim.units import month_number

HEADER = "id,place,industry,variable,period_start,period_end,value,unit,bound,basis,kind,source,note\n"
SOURCES = "id,title,publisher,date,reference\npaper,A paper,Somebody,2024-01-02,article\n"
GOOD = "a-1,a,nails,output_value,2023-01,2023-12,42,billion yuan,at_least,,level,paper,\n"


def fact(identifier: str) -> Fact:
    """Return a reported figure."""
    return find_fact(identifier, load_facts())


def evidence(folder: Path, rows: str, sources: str = SOURCES) -> Path:
    (folder / "reported_facts.csv").write_text(HEADER + rows, encoding="utf-8")
    (folder / "sources.csv").write_text(sources, encoding="utf-8")
    return folder


def test_the_shipped_figures_load() -> None:
    facts = load_facts()
    assert len(facts) == 72
    assert len({item.id for item in facts}) == 72
    sources = load_sources()
    assert {item.source for item in facts} <= set(sources)


def test_values_are_in_plain_units() -> None:
    output = fact("yn-output-2023")
    assert (output.value_plain, output.unit_plain, output.sign) == (42e9, "yuan", "≥")
    assert (output.period_start, output.period_end) == (month_number(2023, 1), month_number(2023, 12))
    assert (fact("yn-share-national-2023").value_plain, fact("yn-share-national-2023").unit_plain) == (0.58, "share")
    assert fact("hb-revenue-growth-2019").value_plain == 0.1485
    assert (fact("hb-employment-2019").value_plain, fact("hb-employment-2019").unit_plain) == (4_285_000, "persons")
    assert fact("ap-volume-2023").value_plain == 1.2e9
    assert fact("sx-fund").unit_plain == "yuan/year"


def test_aims_and_policy_inputs_are_never_for_calibration() -> None:
    refused = {item.id for item in load_facts() if not item.for_calibration}
    assert refused == {"goal-ap-2023", "goal-gx-2028", "goal-sx-2025", "sx-fund"}


def test_sources_name_articles_and_hold_no_path() -> None:
    for source in load_sources().values():
        assert source.title
        assert not source.reference.endswith(".txt")
    assert str(load_sources()["people-2023-10-20"]).startswith("People's Daily Online, ")


def test_a_place_that_is_not_there_is_answered_with_the_nearest() -> None:
    assert {item.place for item in facts_for("anping")} == {"anping"}
    with pytest.raises(UserError, match='did you mean "yongnian"') as caught:
        facts_for("yongnain")
    assert "anping" in str(caught.value)
    with pytest.raises(UserError, match='did you mean "yn-output-2023"'):
        fact("yn-output-2024")
    with pytest.raises(UserError, match="known: "):
        facts_for("[bold]x")


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    rows = GOOD + (
        "a-1,a,nails,output_value,2023-01,2023-12,42,billion yuan,at_least,,level,paper,\n"
        "a-2,a,nails,output_value,2023-12,2023-01,42,billion yuan,at_least,,level,paper,\n"
        "a-3,a,nails,output_value,2023-13,2023-01,42,billion yuan,at_least,,level,paper,\n"
        "a-4,a,nails,output_value,2023-01,2023-12,many,billion yuan,at_least,,level,paper,\n"
        "a-5,a,nails,output_value,2023-01,2023-12,nan,billion yuan,at_least,,level,paper,\n"
        "a-6,a,nails,output_value,2023-01,2023-12,42,billion,at_least,,level,paper,\n"
        "a-7,a,nails,output_value,2023-01,2023-12,42,billion yuan,roughly,,level,paper,\n"
        "a-8,a,nails,output_value,2023-01,2023-12,42,billion yuan,at_least,,guess,paper,\n"
        "a-9,a,nails,output_value,2023-01,2023-12,42,billion yuan,at_least,,level,papr,\n"
        ",,,,2023-01,2023-12,42,billion yuan,at_least,,level,paper,\n"
    )
    with pytest.raises(UserError) as caught:
        load_facts(evidence(tmp_path, rows))
    told = str(caught.value)
    for line, words in (
        (3, 'id "a-1" is used twice'),
        (4, "the period runs backwards"),
        (5, 'period_start "2023-13" is not a month'),
        (6, 'value "many" is not a number'),
        (7, 'value "nan" is not a number'),
        (8, 'unit "billion" is not known'),
        (9, 'bound "roughly" is not known'),
        (10, 'kind "guess" is not known'),
        (11, 'source "papr" is not in sources.csv'),
        (12, "place is empty"),
    ):
        assert f"reported_facts.csv:{line}  {words}" in told
    assert 'did you mean "paper"?' in told


def test_sources_are_checked(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="used twice"):
        load_facts(evidence(tmp_path, GOOD, SOURCES + "paper,Another,Somebody,2024,x\n"))
    with pytest.raises(UserError, match="needs an id and a title"):
        load_facts(evidence(tmp_path, GOOD, SOURCES + "other,,Somebody,2024,x\n"))


def test_a_folder_without_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no reported figures here"):
        load_facts(tmp_path)


def test_a_project_adds_to_the_library_and_replaces_by_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    folder = tmp_path / "calibration" / "evidence"
    folder.mkdir(parents=True)
    evidence(
        folder,
        GOOD + "yn-output-2023,yongnian,fasteners,output_value,2023-01,2023-12,43,billion yuan,exact,,level,paper,\n",
    )
    monkeypatch.chdir(tmp_path)
    assert fact("a-1").value == 42
    assert fact("yn-output-2023").value == 43
    assert fact("yn-businesses").value == 30000


def test_a_project_without_figures_of_its_own_uses_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "calibration" / "evidence").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert len(load_facts()) == 72
    assert len(load_series()) == 200


def test_a_place_brings_files_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    folder = tmp_path / "calibration" / "evidence"
    folder.mkdir(parents=True)
    own = "b-1,b,nails,output_value,2023-01,2023-12,5,亿元,exact,,level,report,\n"
    (folder / "b_facts.csv").write_text(HEADER + "# a comment\n,,,,,,,,,,,,\n" + own, encoding="utf-8")
    (folder / "b_sources.csv").write_text(SOURCES.replace("\npaper,", "\nreport,"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert (fact("b-1").value_plain, fact("b-1").unit_plain) == (500e6, "yuan")
    assert load_sources()["report"].title == "A paper"
    assert fact("yn-businesses").value == 30000
    (folder / "c_facts.csv").write_text(HEADER + own, encoding="utf-8")
    with pytest.raises(UserError, match=r'c_facts.csv:2  id "b-1" is used twice\n     first in .*b_facts.csv:4'):
        load_facts()


def test_two_files_may_name_a_source_alike_but_not_differently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    folder = tmp_path / "calibration" / "evidence"
    folder.mkdir(parents=True)
    for place in "bc":
        row = GOOD.replace("a-1,a", f"{place}-1,{place}")
        (folder / f"{place}_facts.csv").write_text(HEADER + row, encoding="utf-8")
        (folder / f"{place}_sources.csv").write_text(SOURCES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert {"b-1", "c-1"} <= {item.id for item in load_facts()}
    (folder / "c_sources.csv").write_text(SOURCES.replace("A paper", "Another"), encoding="utf-8")
    with pytest.raises(UserError, match=r"c_sources\.csv:1 .*is another publication in a file beside it"):
        load_facts()


@pytest.mark.parametrize(
    ("value", "unit", "plain"),
    [("36.5", "亿元", (3.65e9, "yuan")), ("1.6", "万人", (16_000, "persons")), ("7.2", "%", (0.072, "share")),
     ("2100", "家", (2100, "count")), ("4.8", "万元/年", (48_000, "yuan/year")), ("1", "万亿元", (1e12, "yuan"))],
)  # fmt: skip
def test_units_of_a_chinese_report(tmp_path: Path, value: str, unit: str, plain: tuple[float, str]) -> None:
    row = GOOD.replace("42,billion yuan", f"{value},{unit}")
    (found,) = load_facts(evidence(tmp_path, row))
    assert (found.value_plain, found.unit_plain) == plain


def test_variables_have_labels_in_both_languages() -> None:
    for item in load_facts():
        label = variable_label(item.variable, "zh")
        assert not label.isascii(), item.variable
        assert "_" not in variable_label(item.variable, "en")
    assert variable_label("exports_yoy", "zh") == "出口额同比"
    assert variable_label("projects_new", "en") == "new projects"
    assert variable_label("provincial_towns", "en") == "provincial towns"
    assert variable_label("never_seen", "zh") == "never_seen"
