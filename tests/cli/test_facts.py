"""``countysim facts`` lists figures with bound, basis, period and source."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from sim.cli.common import add
from sim.cli.facts import facts as command
from sim.cli.facts import figure_text
from sim.errors import UserError
from sim.evidence import find_fact, load_facts
from sim.evidence.national import GROUPS


def facts(*arguments: str) -> Result:
    app = typer.Typer()
    add(app, "facts", command)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["facts", *arguments])


def test_a_place_is_listed_with_signs_and_sources() -> None:
    result = facts("yongnian")
    assert result.exit_code == 0
    assert "≥ 42 billion yuan" in result.stdout
    assert "= 58%" in result.stdout
    assert "≈ 190 million yuan" in result.stdout
    assert "2024-01 – 2024-08" in result.stdout
    assert 'Xinhua, "Fastener industry thrives' in result.stdout
    assert "anping" not in result.stdout


def test_chinese_words_and_units() -> None:
    result = facts("yongnian", "--lang", "zh")
    assert "≥ 420亿元" in result.stdout
    assert "≥ 340,000人" in result.stdout
    assert "全国市场占有率" in result.stdout
    assert "billion" not in result.stdout


def test_all_places_are_listed_and_aims_are_marked() -> None:
    result = facts()
    lines = result.stdout.splitlines()
    for identifier in ("goal-ap-2023", "goal-gx-2028", "goal-sx-2025", "sx-fund"):
        assert any(identifier in line and "never calibration data" in line for line in lines)
    assert sum("never calibration data" in line for line in lines) == 4
    assert "不用于校准" in facts("--lang", "zh").stdout


def test_json_holds_plain_and_printed_values() -> None:
    records = {record["id"]: record for record in json.loads(facts("yongnian", "--json").stdout)}
    output = records["yn-output-2023"]
    assert (output["value"], output["unit"], output["value_plain"], output["unit_plain"]) == (
        42,
        "billion yuan",
        42e9,
        "yuan",
    )
    assert (output["period_start"], output["bound"], output["for_calibration"]) == ("2023-01", "at_least", True)


def test_csv_can_be_read_back() -> None:
    rows = list(csv.DictReader(io.StringIO(facts("--csv").stdout)))
    assert len(rows) == 72
    assert {row["id"]: row for row in rows}["hb-tax-2019"]["value_plain"] == "47147000000.0"


def test_every_figure_is_printed_without_losing_digits() -> None:
    assert figure_text(find_fact("hb-tax-2019", load_facts()), "en") == "= 47.147 billion yuan"
    assert figure_text(find_fact("hb-tax-2019", load_facts()), "zh") == "= 471.47亿元"
    assert figure_text(find_fact("hb-revenue-growth-2019", load_facts()), "en") == "= 14.85%"
    assert figure_text(find_fact("hb-employment-2019", load_facts()), "en") == "= 4,285,000 persons"
    assert figure_text(find_fact("qx-duofu-output-2019", load_facts()), "en") == "≤ 100 million yuan"


def test_names_from_files_are_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").mkdir()
    folder = tmp_path / "calibration" / "evidence"
    folder.mkdir(parents=True)
    (folder / "sources.csv").write_text(
        "id,title,publisher,date,reference\npaper,[red]T[/red],P,2024,x\n", encoding="utf-8"
    )
    (folder / "reported_facts.csv").write_text(
        "id,place,industry,variable,period_start,period_end,value,unit,bound,basis,kind,source,note\n"
        "a,evil,x,output_value,2023-01,2023-12,1,yuan,exact,[bold]basis[/bold],level,paper,=HYPERLINK(1)\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    printed = facts("evil").stdout
    assert "[bold]basis[/bold]" in printed
    assert "[red]T[/red]" in printed
    assert next(csv.DictReader(io.StringIO(facts("evil", "--csv").stdout)))["note"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("yongnain",), 'did you mean "yongnian"'),
        (("--lang", "fr"), "write en or zh"),
        (("--json", "--csv"), "exclude each other"),
        (("--national", "liqour"), 'did you mean "liquor"'),
    ],
)
def test_mistakes_are_explained(arguments: tuple[str, ...], told: str) -> None:
    result = facts(*arguments)
    assert isinstance(result.exception, UserError)
    assert told in str(result.exception)


# --- whole industries ---


def test_national_growth_is_listed_by_industry() -> None:
    result = facts("--national")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    titles = [line.rstrip() for line in lines if line.startswith("National growth")]
    assert len(titles) == len(GROUPS)
    assert titles[0] == "National growth: All industry (group all)"
    assert any(
        all(word in line for word in ("baijiu_revenue_growth", "2024", "5.3%", "seen", "I_BJ24")) for line in lines
    )
    assert any("ind_all_revenue_growth" in line and "2015-01 – 2015-10" in line for line in lines)
    assert any("recalled" in line for line in lines)
    assert "  I_BJ24: jiuzhan.com" in result.stdout


def test_national_growth_of_the_industry_of_a_place_in_chinese() -> None:
    result = facts("xinghuacun", "--national", "--lang", "zh")
    assert "全国增速：酒（组别 liquor）" in result.stdout
    assert "白酒：营业收入" in result.stdout
    assert "已见原文" in result.stdout
    assert "ind33" not in result.stdout
    assert facts("liquor", "--national", "--lang", "zh").stdout == result.stdout
    assert "组别 all" in facts("hebei-clusters", "--national", "--lang", "zh").stdout


def test_national_growth_as_data() -> None:
    records = json.loads(facts("all", "--national", "--json").stdout)
    (row,) = [r for r in records if r["series"] == "ind_all_revenue_growth" and r["period_start"] == "2021-01"]
    assert (row["growth_percent"], row["status"], row["period_end"]) == (19.4, "S", "2021-12")
    rows = list(csv.DictReader(io.StringIO(facts("--national", "--csv").stdout)))
    assert {r["group"] for r in rows} == {group or "all" for group in GROUPS}


def test_help_teaches_how_to_ask_for_an_industry() -> None:
    told = " ".join(facts("--help").stdout.split())
    for word in ("--national", "liquor", "building-materials", "status"):
        assert word in told
