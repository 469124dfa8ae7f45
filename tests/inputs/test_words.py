"""Files of words: every text is there in both languages and is said; what texts are filled with."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import sim
from sim.inputs.words import Both, Words

ROOMS = ("cli", "compare", "experiments", "validation")
PACKAGE = Path(sim.__file__).parent


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_has_both_languages_and_is_said(room: str) -> None:
    words, sources = (
        Words(str(PACKAGE / room / "x")),
        "\n".join(p.read_text("utf-8") for p in (PACKAGE / room).glob("*.py")),
    )
    families = set(re.findall(r'f["\']([a-z_]+)\.\{', sources)) | set(
        re.findall(r'(?:entries\[|triples\()"([a-z_]+)"[\])]', sources)
    )
    said = set(re.findall(r"""["']([A-Za-z0-9_.-]+)["']""", sources))
    said |= {word.replace("-", "_") for word in said}
    of_any = re.findall(r'\{section\}\.(\w+)|entries\[section\]\["(\w+)"\]', sources)
    said |= {f"{section}.{key}" for section in said & set(words.entries) for keys in of_any for key in keys}
    for section, texts in words.entries.items():
        for key, pair in texts.items():
            assert len(pair) == 2, (section, key)
            for text in pair if isinstance(pair[0], str) else ():
                list(string.Formatter().parse(text))
            assert f"{section}.{key}" in said or section in families, f"{section}.{key} is never said"


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_said_is_there(room: str) -> None:
    words = Words(str(PACKAGE / room / "x")).entries
    sources = "\n".join(path.read_text("utf-8") for path in (PACKAGE / room).glob("*.py"))
    said = set(re.findall(r"""(?:say|both)\(\s*(?:[a-z_.]+, )?["']([a-z_]+)\.([A-Za-z0-9_]+)["']""", sources))
    assert said
    assert not [f"{section}.{key}" for section, key in said if key not in words.get(section, {})]


def test_values_may_be_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text('[a]\nb = ["{n} {n:firm|firms}: {names:, }", "{n}家：{names:、}"]\n', "utf-8")
    words = Words(str(tmp_path / "x.py"))
    names = [Both("one {x}", "一"), "2"]
    assert words.both("a.b", n=2, names=names) == Both("2 firms: one {x}, 2", "2家：一、2")
    assert words.say("en", "a.b", n=1, names=[]) == "1 firm: "
    assert words.triples("a") == (("b", "{n} {n:firm|firms}: {names:, }", "{n}家：{names:、}"),)
