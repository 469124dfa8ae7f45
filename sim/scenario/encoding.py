"""Put right a file saved as GBK or UTF-16, and full-width characters typed where TOML needs plain ones."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from sim.evidence.reading import guess_encoding
from sim.scenario.problems import Findings, Spot
from sim.scenario.scenario_files import FULL_WIDTH, read_bytes, shown_path

_PIECES = re.compile(r'("(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*)')
_WIDE_QUOTED = re.compile(r"[“”„＂]([^“”„＂\"]*)[“”„＂]")


@dataclass(frozen=True)
class Repair:
    """What was put right in one file: its encoding when that was not UTF-8, and the lines with full-width characters.

    ``backup`` is the copy of the file as it was; None when nothing had to be done.
    """

    path: Path
    encoding: str | None
    lines: tuple[int, ...]
    backup: Path | None


def plain_line(line: str) -> str:
    """Return a line with full-width characters replaced outside quotes and comments."""
    pieces = _PIECES.split(line)
    pieces[::2] = [_WIDE_QUOTED.sub(r'"\1"', piece) for piece in pieces[::2]]
    pieces = _PIECES.split("".join(pieces))
    table = str.maketrans(dict(FULL_WIDTH))
    pieces[::2] = [piece.translate(table) for piece in pieces[::2]]
    return "".join(pieces)


def repaired_text(text: str) -> tuple[str, tuple[int, ...]]:
    """Return the text with plain characters, and the lines that changed; text that is TOML already is left alone."""
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        lines = text.split("\n")
        new = [plain_line(line) for line in lines]
        changed = tuple(number for number, (a, b) in enumerate(zip(lines, new, strict=True), start=1) if a != b)
        return "\n".join(new), changed
    return text, ()


def fix_encoding(path: Path) -> Repair:
    """Rewrite a file as UTF-8 with plain TOML characters; the file as it was is kept beside it as ``.bak``.

    Raises ``ScenarioErrors`` when the file cannot be read or is not text.
    """
    findings = Findings()
    label = shown_path(path)
    data = read_bytes(path, label, findings)
    findings.stop_if_wrong()
    data = data or b""
    encoding: str | None = None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = guess_encoding(data)
        if encoding is None:
            findings.add("binary_file", Spot(label, 1))
            findings.stop_if_wrong()
        text = data.decode("utf-16" if encoding == "UTF-16" else "gb18030")
    new, lines = repaired_text(text)
    if encoding is None and not lines:
        return Repair(path, None, (), None)
    names = (path.with_name(f"{path.name}.bak{number}") for number in chain([""], count(2)))
    backup = next(name for name in names if not name.exists())
    with backup.open("xb") as copy:
        copy.write(data)
    path.write_bytes(new.encode("utf-8"))
    return Repair(path, encoding, lines, backup)
