"""The other pages: links, names of the program, and tables made from it."""

from __future__ import annotations

import pytest

from docs import make_pages
from sim.institutions.terms import policy_types
from tests.docs.names import DOCS, broken_links, cited, exists, page

PAGES = sorted(path.name for path in DOCS.glob("*.md"))
WORDS = {
    "code type", "NUMBA_DISABLE_JIT=1 countysim run yongnian-2023 --only 0 --until 2023-03 --debug --scale 200",
    "python docs/make_pages.py", "1:20", "@policy_type", "@acts_for", "x",
}  # fmt: skip
"""What is no name of the program."""


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    assert broken_links(DOCS / name) == []


@pytest.mark.parametrize("name", ["architecture.md", "decisions.md", "index.md", "institutions.md"])
def test_names_exist(name: str) -> None:
    fields = {
        key
        for line in page(name).splitlines()
        if line.startswith("| `") and "." in line
        for key in [line.split("`")[1]]
    }
    assert {item for item in cited(page(name)) if not exists(item)} - WORDS <= fields


def test_every_page_is_in_the_list() -> None:
    listed = page("index.md")
    assert [name for name in PAGES if name != "index.md" and f"]({name})" not in listed] == []


@pytest.mark.parametrize("name", sorted(set(make_pages.BLOCKS) - {"README.md"}))
def test_what_is_made_from_the_program_is_up_to_date(name: str) -> None:
    current = (make_pages.ROOT / name).read_text(encoding="utf-8")
    assert make_pages.refreshed(name) == current, "run: python docs/make_pages.py --quick"


@pytest.mark.parametrize("name", sorted(policy_types()))
def test_every_policy_type_is_described(name: str) -> None:
    text = page("institutions.md")
    assert f"<!-- begin terms {name} -->" in text
    assert policy_types()[name].name_zh in text


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
