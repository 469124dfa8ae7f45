"""Scenarios of sets of places: what they hold, how they are shown, and that a page on 269 places stays readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.inputs.problems import InputErrors
from sim.scenario.content_hash import scenario_hash
from sim.scenario.loader import load
from sim.scenario.place_sets import load_set
from sim.scenario.scenario_diff import diff
from sim.scenario.scenario_files import known_files, known_inputs, known_sets
from sim.scenario.writing import write_resolved

RUN = CliRunner()
ON_SETS = ("shanxi-towns-2023", "shanxi-fund500m", "hebei-clusters-2019", "hebei-fund1b")


def changed(folder: Path, **lines: str) -> Path:
    """Return a copy of the Hebei scenario with lines replaced by what they begin with."""
    kept = known_files()["hebei-clusters-2019"].read_text(encoding="utf-8").splitlines()
    for key, line in lines.items():
        assert any(text.startswith(key) for text in kept)
        kept = [line if text.startswith(key) else text for text in kept]
    path = folder / "hebei-clusters-2019.toml"
    path.write_text("\n".join(kept), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("identifier", "named", "synthetic"),
    [("shanxi-towns-2023", 5, 87), ("shanxi-fund500m", 5, 87), ("hebei-clusters-2019", 11, 258)],
)
def test_a_set_stands_for_all_of_its_places(identifier: str, named: int, synthetic: int) -> None:
    loaded = load(identifier)
    assert len(loaded.scenario.places) == named + synthetic
    assert sum(place.synthetic for place in loaded.scenario.places) == synthetic
    assert loaded.place_ids == (identifier.rpartition("-")[0] if identifier != "shanxi-fund500m" else "shanxi-towns",)
    assert {place.province for place in loaded.scenario.places} == {"14" if "shanxi" in identifier else "13"}


@pytest.mark.parametrize("identifier", ON_SETS)
def test_a_scenario_of_a_set_is_shown_on_one_page_and_loads_again(identifier: str, tmp_path: Path) -> None:
    loaded = load(identifier)
    text = write_resolved(loaded)
    names = "269 places: 11 named, 258 synthetic" if "hebei" in identifier else "92 places: 5 named, 87 synthetic"
    assert f"# {names}" in text
    assert text.count("-synthetic-") <= 5
    assert len(text.splitlines()) < 250
    path = tmp_path / f"{identifier}.toml"
    path.write_text(text, encoding="utf-8")
    again = load(str(path))
    assert scenario_hash(again.scenario) == scenario_hash(loaded.scenario)


def test_a_set_and_one_of_its_members_cannot_both_be_named(tmp_path: Path) -> None:
    path = changed(tmp_path, place='places = ["anping", "hebei-clusters"]')
    with pytest.raises(InputErrors) as caught:
        load(str(path))
    assert "anping" in str(caught.value)


def test_a_set_and_other_places_go_together(tmp_path: Path) -> None:
    path = changed(tmp_path, place='places = ["hebei-clusters", "guanxian"]')
    places = [place.id for place in load(str(path)).scenario.places]
    assert "guanxian" in places
    assert len(places) == 270
    assert places == sorted(places)


def test_a_place_that_a_set_does_not_have_is_refused_in_a_few_words(tmp_path: Path) -> None:
    path = changed(tmp_path, source='where = "hebei-synthetic-259"\nsource = "chinadaily-2020-09-21"')
    with pytest.raises(InputErrors) as caught:
        load(str(path))
    text = str(caught.value)
    assert "hebei-synthetic-259" in text
    assert "hebei-synthetic-..." in text
    assert len(text) < 1000


def test_a_comparison_of_scenarios_of_other_places_says_how_many(tmp_path: Path) -> None:
    few = load(str(changed(tmp_path, place='place = "anping"'))).scenario
    rows = [row for row in diff(few, load("hebei-clusters-2019").scenario).rows if row.path == "places"]
    assert [(row.before["en"], row.after["en"]) for row in rows] == [("anping", "269 places: 11 named, 258 synthetic")]
    assert rows[0].after["zh"] == "269个地点：11个实名，258个合成"


def test_the_first_batch_of_shanxi_is_the_list_of_the_set() -> None:
    policies = {policy.id: policy for policy in load("shanxi-towns-2023").scenario.policies}
    terms = policies["batch-1"].versions[0][1]
    assert terms.listed == load_set("shanxi-towns").lists["first_ten"]
    assert "listed" in policies["batch-1"].assumed


def test_sets_are_listed_apart_from_places() -> None:
    assert known_sets() == ("hebei-clusters", "shanxi-towns")
    assert not set(known_sets()) & set(known_inputs("places"))
    for lang, words in (("en", "some of their places are synthetic"), ("zh", "其中部分地点为合成")):
        result = RUN.invoke(app, ["list", "--lang", lang])
        (line,) = [line for line in result.output.splitlines() if "hebei-clusters  shanxi-towns" in line]
        assert words in line


def test_what_nobody_published_says_how_many_places_are_synthetic() -> None:
    result = RUN.invoke(app, ["scenario", "show", "hebei-clusters-2019", "--assumed", "--lang", "en"])
    assert "hebei-clusters: 269 places: 11 named, 258 synthetic; 15 numbers of the drawing" in result.output
    result = RUN.invoke(app, ["scenario", "show", "yongnian-2023", "--assumed", "--lang", "en"])
    assert "synthetic" not in result.output


def test_a_check_says_how_many_places_are_synthetic() -> None:
    result = RUN.invoke(app, ["scenario", "check", "shanxi-towns-2023", "--lang", "zh"])
    assert result.exit_code == 0, result.output
    assert "92个地点：5个实名，87个合成" in result.output
