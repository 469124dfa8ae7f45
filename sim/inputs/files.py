"""Files that people typed: read whatever their editor did, with the line of everything, or told what is wrong.

TOML and CSV alike are text in UTF-8 with or without a byte-order mark. A file in GBK or UTF-16, and full-width
characters typed where TOML needs plain ones, are told and can be put right (``fix_encoding``).
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from sim.inputs.positions import Path as KeyPath
from sim.inputs.positions import around, key_lines
from sim.inputs.problems import Findings, InputErrors, Spot, refused, shown_path
from sim.inputs.tables import ModelT, Named, check

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from pathlib import Path

ID = re.compile(r"[a-z0-9][a-z0-9-]*")
"""What an id reads like, which is a file's name without its ending."""
LARGEST_FILE = 5_000_000
"""Bytes. Every input of the workspace is far smaller; a larger file is a mistake."""
DEEPEST = 40
"""Tables within tables. No file needs more than five; every walk over what was read is safe at this depth."""

FULL_WIDTH: Mapping[str, str] = {
    "“": '"', "”": '"', "„": '"', "＂": '"', "‘": "'", "’": "'", "＇": "'",
    "＝": "=", "，": ",", "％": "%", "：": ":", "；": ";", "（": "(", "）": ")",
    "【": "[", "】": "]", "［": "[", "］": "]", "｛": "{", "｝": "}", "＃": "#",
    "．": ".", "。": ".", "－": "-", "＿": "_", "\u3000": " ",
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
    **{chr(0xFF21 + letter): chr(ord("A") + letter) for letter in range(26)},
    **{chr(0xFF41 + letter): chr(ord("a") + letter) for letter in range(26)},
}  # fmt: skip
"""Full-width characters a Chinese input method types where TOML needs the plain one."""

_PIECES = re.compile(r'("(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*)')
"""Quoted text and comments."""
_WIDE_QUOTED = re.compile(r"[“”„＂]([^“”„＂\"]*)[“”„＂]")


# --- text --------------------------------------------------------------------------------------------------


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, with or without a byte-order mark.

    Raises
    ------
    InputErrors
        When the file is missing, empty, larger than 5 MB, binary, or in another encoding such as GBK.
    """
    label = shown_path(path)
    data = _read_bytes(path, label)
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise refused("empty_file", Spot(label, 1))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding = guess_encoding(data)
        if encoding is None:
            raise refused("binary_file", Spot(label, 1)) from None
        repair: Any = ""
        if path.suffix == ".toml":
            command = f"countysim scenario fix-encoding {path.stem if path.parent.name == 'scenarios' else label}"
            repair = {"en": f", or run: {command}     ", "zh": f"，或运行：{command}"}
        spot = Spot(label, data[: error.start].count(b"\n") + 1)
        raise refused("not_utf8", spot, encoding=encoding, repair=repair) from None
    if "\0" in text:
        raise refused("binary_file", Spot(label, 1))
    return text


def _read_bytes(path: Path, label: str) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise refused("too_large", Spot(label, 1))
        return path.read_bytes()
    except FileNotFoundError:
        raise refused("no_file", Spot(label)) from None
    except (OSError, ValueError) as error:
        raise refused("unreadable", Spot(label), detail=getattr(error, "strerror", None) or error) from None


def guess_encoding(data: bytes) -> str | None:
    """Return ``UTF-16`` or ``GBK`` when bytes that are not UTF-8 look like text in it, and None otherwise."""
    name, codec = ("UTF-16", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("GBK", "gb18030")
    if name == "GBK" and b"\0" in data:
        return None
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return None
    return name


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

    Raises ``InputErrors`` when the file cannot be read or is not text.
    """
    label = shown_path(path)
    data = _read_bytes(path, label)
    encoding: str | None = None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding = guess_encoding(data)
        if encoding is None:
            raise refused("binary_file", Spot(label, 1)) from None
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


# --- TOML --------------------------------------------------------------------------------------------------


class InputFile:
    """One TOML file: its data, the line of each key, and what is wrong with it.

    Parameters
    ----------
    findings
        Where problems are noted, when several files share them.

    Raises
    ------
    InputErrors
        When it cannot be read or is not TOML.
    """

    def __init__(self, path: Path, findings: Findings | None = None) -> None:
        self.path, self.label = path, shown_path(path)
        self.findings = Findings() if findings is None else findings
        self._text = read_text(path)
        self.data = _parsed(self._text, path.stem, self.label)

    @property
    def id(self) -> str:
        """Name of the file without its ending."""
        return self.path.stem

    @cached_property
    def lines(self) -> Mapping[KeyPath, int]:
        """Line of every key, table and list item."""
        return key_lines(self._text)

    def spot(self, *path: str | int) -> Spot:
        """Return where a key stands, or the nearest table around it."""
        return Spot(self.label, around(self.lines, path) or 1)

    def add(self, at: KeyPath, problem: str, advice: str = "") -> None:
        """Note a problem with the line of a key or table, or of the nearest thing around it that has one."""
        self.findings.say(self.spot(*at), problem, advice)

    def note(self, message: str, *at: str | int, **values: Any) -> None:
        """Note a message with the line of a key or table, or of the nearest thing around it that has one."""
        self.findings.add(message, self.spot(*at), **values)

    def without(self, keys: Container[str]) -> dict[str, Any]:
        """Return the data without some keys."""
        return {key: value for key, value in self.data.items() if key not in keys}

    def check(self, model: type[ModelT], data: Any, *at: str | int) -> ModelT | None:
        """Return ``data`` as a model, or note every problem with its line and return None.

        ``at`` is where in the file the data stands: ``"start"``, or ``"wage", 2``.
        """
        label = f"[{at[0]}]" if at else ""
        named = Named(label or "the file", label or "文件", "", lambda path: self.spot(*at, *path))
        return check(model, data, named, self.findings)

    def check_id(self, head: Any) -> None:
        """Note an id that is not the name of the file."""
        if head is not None and head.id != self.path.stem:
            self.note("id_of_file", "id", id=head.id)


def _parsed(text: str, identifier: str, label: str) -> dict[str, Any]:
    """Return parsed TOML; raise ``InputErrors`` with all full-width characters, or else each line that is no TOML."""
    findings = Findings()
    try:
        data = tomllib.loads(text)
        if _depth(data) <= DEEPEST:
            return data
        error: Exception = RecursionError()
    except (ValueError, RecursionError) as first:
        error = first
    for line, letter in full_width_places(text):
        values = {
            "letter": letter,
            "code_point": f"U+{ord(letter):04X}",
            "plain": FULL_WIDTH[letter] if letter != "\u3000" else {"en": "space", "zh": "空格"},
            "line": f"{line} | {text.splitlines()[line - 1].strip()}",
            "id": identifier,
        }
        findings.add("full_width", Spot(label, line), **values)
    if not findings.problems:
        _syntax(text, error, label, findings)
    raise InputErrors(findings.errors)


def _depth(data: Any) -> int:
    """Return how many tables and lists stand within each other, without walking by recursion."""
    deepest, level = 0, [data]
    while level:
        deepest += 1
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
    return deepest


def _syntax(text: str, error: Exception, label: str, findings: Findings) -> None:
    """Note the line that stopped the parser, then leave it out and look for the next, while that is safe."""
    lines = text.replace("\r\n", "\n").split("\n")
    for _ in range(20):
        if isinstance(error, RecursionError):
            findings.add("syntax", Spot(label, 1), detail="nested too deeply", hint=_hint(""))
            return
        place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        number = int(place[1]) if place else len(lines)
        detail = re.sub(r" \(at [^()]*\)$", "", str(error))
        spot = Spot(label, number)
        written = lines[number - 1] if number <= len(lines) else ""
        if any(words in detail for words in ("twice", "overwrite", "immutable", "redefine")):
            findings.add("key_twice", spot, detail=detail)
        else:
            findings.add("syntax", spot, detail=detail, hint=_hint(written))
        simple = re.fullmatch(r"\s*[\w.-]+\s*=\s*[^\[{]*", written)
        if simple is None or '"""' in written or "'''" in written:
            return
        lines[number - 1] = ""
        try:
            tomllib.loads("\n".join(lines))
        except (ValueError, RecursionError) as another:
            error = another
        else:
            return


def _hint(written: str) -> dict[str, str]:
    """Return what to do about a line TOML refuses; most often the quotes are missing."""
    pair = re.fullmatch(r"\s*([\w.-]+)\s*=\s*([^\"'\[{#]+?)\s*(?:#.*)?", written)
    if pair and pair[2].strip():
        fixed = f'{pair[1]} = "{pair[2].strip()}"'
        return {
            "en": f"text, months, shares and amounts stand in quotes:  {fixed}",
            "zh": f"文字、月份、比例和金额要加引号：{fixed}",
        }
    return {
        "en": 'a line reads  key = value  or  [header]; text stands in "..."; every bracket and quote is closed',
        "zh": '每行写作 key = value 或 [表头]；文字放在 "..." 中；括号和引号要成对',
    }


def full_width_places(text: str) -> list[tuple[int, str]]:
    """Return (line, character) of the first full-width character outside quotes and comments on each line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'', "", line).split("#")[0]
        letter = next((letter for letter in bare if letter in FULL_WIDTH), None)
        if letter is not None:
            found.append((number, letter))
    return found


# --- CSV ---------------------------------------------------------------------------------------------------


def read_rows(path: Path, columns: Sequence[str]) -> list[tuple[Spot, dict[str, str]]]:
    """Return the rows of a CSV file as ``(place, {column: trimmed text})``; empty rows and those after # are left out.

    Raises
    ------
    InputErrors
        When the columns are not exactly those expected, or a row has more or fewer cells; all such rows at once.
    """
    label, findings = shown_path(path), Findings()
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    rows: list[tuple[Spot, dict[str, str]]] = []
    try:
        header = next(reader)
        if header != list(columns):
            findings.add("table_columns", Spot(label, 1), found=", ".join(header), expected=", ".join(columns))
            reader = csv.reader(())
        for cells in reader:
            if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
                continue
            spot = Spot(label, reader.line_num)
            if len(cells) != len(columns):
                findings.add("table_cells", spot, found=len(cells), expected=len(columns))
                continue
            rows.append((spot, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        findings.add("table_not_csv", Spot(label, reader.line_num), detail=error)
    findings.stop_if_wrong()
    return rows
