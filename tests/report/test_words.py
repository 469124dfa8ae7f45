"""Every text reports ask for is there in both languages and is asked for; how lists and choices are filled in."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from sim.report import words
from sim.report.words import entries, say

HERE = Path(words.__file__).parent
SOURCES = "\n".join(path.read_text("utf-8") for kind in ("py", "html", "svg") for path in HERE.rglob(f"*.{kind}"))
ASKED = set(re.findall(r"""["']([a-z_]+\.[a-z0-9_]+)["']""", SOURCES))
FAMILIES = set(re.findall(r'f"([a-z_]+)\.\{|(?:entries\(\)\[|triples\()"([a-z_]+)"[\])]', SOURCES))
FAMILIES = {name for names in FAMILIES for name in names}
"""Sections that are asked for whole, or by a verdict or another word."""


def test_every_text_has_both_languages_and_is_asked_for() -> None:
    for section, texts in entries().items():
        for key, pair in texts.items():
            texts_of = [pair] if isinstance(pair[0], str) else pair
            assert all(len(each) % 2 == 0 for each in texts_of), (section, key)
            for text in (text for each in texts_of for text in each):
                list(string.Formatter().parse(text))
            assert f"{section}.{key}" in ASKED or section in FAMILIES, f"{section}.{key} is never said"


def test_every_text_asked_for_is_there() -> None:
    said = set(re.findall(r"""say\(\s*(?:[a-z_.]+, )?["']([a-z_]+)\.([a-z0-9_]+)["']""", SOURCES))
    assert len(said) > 300
    missing = [f"{section}.{key}" for section, key in said if key not in entries().get(section, {})]
    assert not missing


@pytest.mark.parametrize(("language", "text"), [("en", "1 firm"), ("zh", "1家")])
def test_words_are_filled_with_plain_values(language: str, text: str) -> None:
    assert text in say(language, "additionality_lines.firms", yuan="{x}", number="1")
    assert "{x}" in say(language, "additionality_lines.firms", yuan="{x}", number="1")
