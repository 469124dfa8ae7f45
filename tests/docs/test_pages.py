"""The other pages: links, names of the program, and tables made from it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from docs import make_doses, make_pages
from sim.compare.dose import plan
from sim.policies.digital_platform.terms import Service
from sim.policies.registry import policy_types
from sim.scenario.loader import load
from tests.docs.names import DOCS, broken_links, cited, exists, page

PAGES = sorted(path.name for path in DOCS.glob("*.md"))
TYPE_PAGES = sorted(f"institutions/{path.name}" for path in DOCS.glob("institutions/*.md"))
WORDS = {
    "code type", "NUMBA_DISABLE_JIT=1 countysim run yongnian-2023 --only 0 --until 2023-03 --debug --scale 200",
    "python docs/make_pages.py", "python docs/make_doses.py", "python docs/make_responses.py",
    "1:20", "docs/institutions/<type>.md", "@policy_type",
    "terms", "action", "x", "no",
}  # fmt: skip
"""What is no name of the program."""


@pytest.mark.parametrize("name", PAGES + TYPE_PAGES)
def test_links_lead_somewhere(name: str) -> None:
    assert broken_links(DOCS / name) == []


@pytest.mark.parametrize("name", ["architecture.md", "decisions.md", "index.md", "institutions.md", *TYPE_PAGES])
def test_names_exist(name: str) -> None:
    fields = {
        key
        for line in page(name).splitlines()
        if line.startswith("| `") and "." in line
        for key in [line.split("`")[1]]
        if not key.startswith("sim.")  # a key of a file, not a name of the program
    }
    assert {item for item in cited(page(name)) if not exists(item)} - WORDS - written() <= fields


@pytest.mark.parametrize("name", PAGES + TYPE_PAGES)
def test_names_of_the_program_exist_on_every_page(name: str) -> None:
    assert [item for item in cited(page(name)) if item.startswith("sim.") and not exists(item)] == []


def written() -> set[str]:
    """Scenarios and their variants, options, and terms as a file has them."""
    files = {path.stem: path.read_text(encoding="utf-8") for path in (make_pages.ROOT / "scenarios").glob("*.toml")}
    variants = {
        f"{name}:{variant['id']}" for name, text in files.items() for variant in tomllib.loads(text).get("variant", ())
    }
    options = {"--field", "--quick", "--only"}
    terms = {"across.places", '"designated:province"', 'where = "batch-1"', *get_args(Service)}
    return {*files, *variants, *options, *terms}


def test_every_page_is_in_the_list() -> None:
    listed = page("index.md")
    assert [name for name in PAGES if name != "index.md" and f"]({name})" not in listed] == []


@pytest.mark.parametrize("name", sorted(set(make_pages.BLOCKS) - {"README.md"}))
def test_what_is_made_from_the_program_is_up_to_date(name: str) -> None:
    current = (make_pages.ROOT / name).read_text(encoding="utf-8")
    assert make_pages.refreshed(name) == current, "run: python docs/make_pages.py --quick"


@pytest.mark.parametrize("name", sorted(policy_types()))
def test_every_policy_type_is_described(name: str) -> None:
    text = page(f"institutions/{name}.md")
    assert f"<!-- begin terms {name} -->" in text
    assert policy_types()[name].name_zh in text
    overview = page("institutions.md")
    assert f"[`{name}`](institutions/{name}.md)" in overview
    assert policy_types()[name].name_zh in overview
    for part in ("**Sources.**", "**Assumed.**", "**Against the literature"):
        assert part in text


def test_every_page_of_a_type_is_about_one() -> None:
    assert [path.removeprefix("institutions/").removesuffix(".md") for path in TYPE_PAGES] == sorted(policy_types())
    assert set(make_pages.HOMES) == set(make_doses.EXAMPLES) == set(policy_types())


@pytest.mark.parametrize("name", sorted(policy_types()))
def test_the_doses_of_a_type_can_be_run(name: str) -> None:
    example = make_doses.EXAMPLES[name]
    todo = plan(example.scenario, example.policy, None, None, example.overrides)
    assert todo.policy.type == name
    assert todo.policy.start > load(example.scenario, overrides=example.overrides).scenario.time.reported_until
    assert len(todo.times) == 5
    for texts in todo.overrides:
        load(example.scenario, overrides=texts)


@pytest.mark.parametrize("name", sorted(policy_types()))
def test_a_page_shows_the_picture_of_its_doses(name: str) -> None:
    text = page(f"institutions/{name}.md")
    assert f"](pictures/{name}-dose.svg)" in text
    assert make_doses.dose_block(name) in text
    root = ElementTree.parse(make_doses.PICTURES / f"{name}-dose.svg").getroot()
    assert root.tag.endswith("svg")
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 20


def test_pictures_of_doses_are_small_and_belong_to_a_page() -> None:
    for picture in DOCS.glob("institutions/pictures/*"):
        assert picture.stem.removesuffix("-dose") in policy_types()
        assert picture.stat().st_size < make_doses.LARGEST_BYTES


def test_the_caption_of_a_curve_is_read_off_its_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_doses, "PICTURES", tmp_path)
    assert "make_doses.py" in make_doses.dose_block("fund")
    columns = (
        "series,times,fields,level,variable,unit,year,n_pairs,window,money_p50,reach,reach_unit,reach_p50,diff_p50,"
        "firms_per_agent"
    )
    rows = [
        "dose,0.0,annual_budget,0.0,output_value,yuan,2028,2.0,2026-2028,0.0,fund_granted,yuan,0.0,0.0,100.0",
        "run,0.0,,,output_value,yuan,2028,,,,fund_granted,yuan,0.0,0.0,",
        "dose,2.0,annual_budget,4e8,output_value,yuan,2028,2.0,2026-2028,1e8,fund_granted,yuan,2e8,-3e7,100.0",
        "run,2.0,,,output_value,yuan,2028,,,,fund_granted,yuan,2e8,-5e7,",
        "run,2.0,,,output_value,yuan,2028,,,,fund_granted,yuan,2e8,-1e7,",
    ]
    (tmp_path / "fund-dose.csv").write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    block = make_doses.dose_block("fund")
    assert "Medians of 2 pairs" in block
    assert "stands for 100" in block
    assert "| 0 | 0 yuan/year | 0 yuan | 0 yuan | 0 yuan | 0 yuan … 0 yuan |" in block
    change = "\u221230 million yuan | \u221250 million yuan … \u221210 million yuan |"
    assert f"| 2 | 400 million yuan/year | +100 million yuan | +200 million yuan | {change}" in block
    assert "--set time.end=2028-12 -n 2 --scale 100" in block


def test_marks_must_be_there_once() -> None:
    text = "a\n<!-- begin x -->\nold\n<!-- end x -->\nb"
    assert make_pages.between_marks(text, "x", "new \\1") == "a\n<!-- begin x -->\nnew \\1\n<!-- end x -->\nb"
    for wrong in ("nothing", text + text):
        with pytest.raises(ValueError, match="marks of x"):
            make_pages.between_marks(wrong, "x", "new")


def test_cells_of_the_terms() -> None:
    terms = {"a": [{"b": 1}, {"b": 2}], "c": {"d": True}, "e": 12000}
    assert make_pages.shown(make_pages.value_at(terms, "a.b")) == "1, 2"
    assert make_pages.shown(make_pages.value_at(terms, "c")) == "d true"
    assert make_pages.shown(make_pages.value_at(terms, "e")) == "12,000"
    assert make_pages.shown(make_pages.value_at(terms, "e.f")) == "left out"
