"""Files changed at random: whatever they hold, the command line answers, and what a check accepts also runs."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.attack.common import ROOT, SMALL, Findings, Tally, countysim, project, settings_of

VALUES = (
    "0", "-1", "1", "1e308", "-1e308", "1e-320", "nan", "inf", "-inf", "9" * 40, "0x7f", "true", '""', "[]", "{}",
    '"0%"', '"-5%"', '"1e9%"', '"150%"', '"1 yuan"', '"-1 yuan"', '"1e300 billion yuan"', '"0 yuan/year"', '"any"',
    "2024-01-01", '"0000-00"', '"9999-12"', '"2024-13"', '"../../x"', '"\\u0000"', '"\\u202e"', "'''x'''", '["x", 1]',
    '{ value = 1 }', '{ fact = "x" }', '{ value = 0.5, low = 0.9, high = 0.1, assumed = true, note = "n" }', "１",
)  # fmt: skip
SIGNS = "\x00\x07\x1b[31m\u202e\ufeff\ud7ff\"'\\=#[]{},.-+e0９，。＝“\n\r\t "
CELLS = (
    "",
    "x",
    "-1",
    "1e308",
    "nan",
    "inf",
    "=1+1",
    "9" * 40,
    '"',
    "'",
    "2024-13",
    "2024-01",
    "%",
    "亿元",
    "\x00",
    "0",
)


def _lines(text: str, draw: random.Random) -> list[str]:
    return text.splitlines(keepends=True) or [draw.choice(SIGNS)]


def drop_line(text: str, draw: random.Random) -> str:
    lines = _lines(text, draw)
    del lines[draw.randrange(len(lines))]
    return "".join(lines)


def repeat_line(text: str, draw: random.Random) -> str:
    lines = _lines(text, draw)
    lines.insert(draw.randrange(len(lines) + 1), draw.choice(lines))
    return "".join(lines)


def swap_lines(text: str, draw: random.Random) -> str:
    lines = _lines(text, draw)
    a, b = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return "".join(lines)


def insert_sign(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + draw.choice(SIGNS) + text[at:]


def drop_sign(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text) + 1)
    return text[:at] + text[at + 1 :]


def cut(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text) + 1)]


def nest(text: str, draw: random.Random) -> str:
    deep = draw.choice((3, 60, 2000))
    return text + draw.choice((f"\nx = {'[' * deep}{']' * deep}\n", f"\n{'a.' * deep}a = 1\n", f"\n[{'a.' * deep}a]\n"))


def many_keys(text: str, draw: random.Random) -> str:
    return "".join(f"k{number} = 1\n" for number in range(draw.choice((30, 3000)))) + text


def scale_number(text: str, draw: random.Random) -> str:
    """Put a number near, or far from, the one there was: most of these are files that a check accepts."""
    found = list(re.finditer(r"\d+(\.\d+)?", text))
    if not found:
        return text
    one = draw.choice(found)
    factor = draw.choice((0.0, 0.01, 0.5, 0.9, 1.1, 2.0, 10.0, 1000.0))
    return text[: one.start()] + f"{float(one[0]) * factor:.6g}" + text[one.end() :]


def other_value(text: str, draw: random.Random) -> str:
    """Put a value of another kind behind a key, or into a cell of a table."""
    found = list(re.finditer(r'(?<== )("[^"\n]*"|\[[^\]\n]*\]|[^\s,}#"]+)', text))
    if found and text.count(",") < 20 * text.count("="):
        one = draw.choice(found)
        return text[: one.start()] + draw.choice(VALUES) + text[one.end() :]
    cells = list(re.finditer(r"[^,\n]*", text))
    one = draw.choice(cells)
    return text[: one.start()] + draw.choice(CELLS) + text[one.end() :]


def other_key(text: str, draw: random.Random) -> str:
    words = list(re.finditer(r"[A-Za-z_]{3,}", text))
    if len(words) < 2:
        return text
    one, other = draw.choice(words), draw.choice(words)
    return text[: one.start()] + other[0] + text[one.end() :]


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    drop_line, repeat_line, swap_lines, insert_sign, drop_sign, cut, nest, many_keys, scale_number, scale_number,
    scale_number, other_value, other_value, other_value, other_key,
)  # fmt: skip
ENCODINGS = ("gb18030", "utf-16", "utf-8-sig", "latin-1", "utf-32")


def changed(content: bytes, draw: random.Random) -> bytes:
    """Return a file's bytes with one to three changes."""
    text = content.decode("utf-8-sig")
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        text = draw.choice(CHANGES)(text, draw)
    if draw.random() < 0.05:
        return text.encode(draw.choice(ENCODINGS), "replace")
    if draw.random() < 0.03:
        raw = bytearray(text.encode("utf-8", "replace"))
        for _ in range(4):
            raw[draw.randrange(len(raw) or 1) : draw.randrange(len(raw) or 1)] = draw.randbytes(3)
        return bytes(raw)
    return text.encode("utf-8", "replace")


# --- the files, and what is asked of them ---


@dataclass(frozen=True)
class Kind:
    """A kind of file: the files one of which is changed, what a folder needs first, and the commands that read it."""

    files: tuple[str, ...]
    asked: tuple[tuple[str, ...], ...] = ()
    checked: str = "tiny-fund"
    settings: tuple[str, ...] = SMALL


def _own(root: Path) -> None:
    """Lay beside the county what a user may copy into a project of their own."""
    worlds = root / "scenarios" / "worlds"
    worlds.mkdir()
    text = (ROOT / "scenarios/worlds/constant.toml").read_text("utf-8")
    (worlds / "own.toml").write_text(text.replace('"constant"', '"own"', 1), "utf-8")
    baseline = root / "scenarios/tiny-baseline.toml"
    baseline.write_text(baseline.read_text("utf-8").replace('"central"', '"own"', 1), "utf-8")
    for name in (*LAW, "evidence/macro.csv"):
        shutil.copy(ROOT / "calibration" / name, root / "calibration" / name)
    shutil.copytree(ROOT / "calibration/fits" / FIT, root / "calibration/fits" / FIT)


LAW = ("priors.toml", "moments.toml", "terms.toml", "likelihood.toml", "industries.toml")
FIT = "yongnian-r1"
FITTED = ("--scale", "400", "--jobs", "1", "-n", "1", "--set", "time.end=2026-01")
FACTS = (("facts", "tiny"), ("place", "check", "tiny"), ("place", "show", "tiny"))

KINDS = {
    "scenario": Kind(("scenarios/tiny-fund.toml", "scenarios/tiny-baseline.toml"), (("scenario", "list"),)),
    "place": Kind(("scenarios/places/tiny.toml",), FACTS[1:]),
    "world": Kind(("scenarios/worlds/own.toml",), (("list",),)),
    "facts": Kind(("calibration/evidence/tiny_facts.csv",), FACTS),
    "evidence": Kind(("calibration/evidence/macro.csv",), (("facts", "--national"), *FACTS[:1])),
    "priors": Kind(tuple(f"calibration/{name}" for name in LAW), (("scenario", "show", "tiny-fund", "--assumed"),)),
    "fit": Kind(
        tuple(f"calibration/fits/{FIT}/{name}" for name in ("draws.csv", "settings.toml", "diagnostics.json")),
        (("fit", "yongnian"), ("validate", "yongnian-2023")), "yongnian-2023", FITTED,
    ),
}  # fmt: skip


def mutated_files(seed: int, count: int, tally: Tally) -> Findings:
    """Change scenario, place, world, evidence, facts, priors and fit files: exit 0 or 2, and what is accepted runs."""
    names = list(KINDS)
    for number in range(seed, seed + count):
        name = names[number % len(names)]
        for finding in _attack(KINDS[name], random.Random(number), tally):
            yield f"{name} (--seed {number} --count 1): {finding}"


def _attack(kind: Kind, draw: random.Random, tally: Tally) -> Findings:
    with project() as root:
        _own(root)
        path = root / draw.choice(kind.files)
        path.write_bytes(changed(path.read_bytes(), draw))
        language = ("--lang", draw.choice(("en", "zh")))
        check = ("scenario", "check", kind.checked, *settings_of(kind.settings), *language)
        for words in (*kind.asked, check):
            done = countysim(*words, inside=root)
            if fault := done.fault():
                yield f"{path.name}, {' '.join(words[:3])}: {fault}"
        accepted = done.code == 0
        tally["accepted" if accepted else "refused"] += 1
        if not accepted:
            return
        done = countysim("run", kind.checked, *kind.settings, inside=root)
        if fault := done.fault(0):
            yield f"{path.name}, accepted by the check, run: {fault}"
        tally["ran"] += done.code == 0
