"""Scenario files on disk: which there are, and reading one into data whose every key knows its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim import workspace
from sim.errors import UserError, nearest
from sim.evidence.positions import Path as KeyPath
from sim.evidence.positions import around, key_lines
from sim.evidence.reading import LARGEST_FILE, guess_encoding, toml_error
from sim.scenario.problems import Findings, Problem, ScenarioErrors, Spot

ID = re.compile(r"[a-z0-9][a-z0-9-]*")
SET = re.compile(rb"^kind\s*=\s*[\"']set[\"']", re.MULTILINE)

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


@dataclass(frozen=True)
class Document:
    """One scenario file as read: its data, the line of every key, and how the file is shown to the user (``label``)."""

    id: str
    path: Path
    label: str
    data: Mapping[str, Any]
    lines: Mapping[KeyPath, int] = field(repr=False)

    def spot(self, *path: str | int) -> Spot:
        """Return where a key stands, or the nearest table around it."""
        return Spot(self.label, around(self.lines, path) or 1)


def shown_path(path: Path) -> str:
    """Return a file as short as it can be said: relative to the current folder, the workspace or the library."""
    full = path.resolve()
    for root in (Path.cwd().resolve(), workspace.root(), workspace.library_root()):
        if root is not None and full.is_relative_to(root.resolve()):
            return full.relative_to(root.resolve()).as_posix()
    return str(path)


def known_files() -> dict[str, Path]:
    """Return scenario files by id, project before library, in alphabetical order."""
    return _inputs("")


def known_inputs(kind: str) -> tuple[str, ...]:
    """Return the ids of the files in ``places`` or ``worlds``, project and library together; sets are left out."""
    return tuple(identifier for identifier, path in _inputs(kind).items() if not _is_set(path))


def known_sets() -> tuple[str, ...]:
    """Return the ids of the sets of places, which stand among the places."""
    return tuple(identifier for identifier, path in _inputs("places").items() if _is_set(path))


def _inputs(kind: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in workspace.folders("scenarios"):
        for path in sorted((folder / kind).glob("*.toml")):
            if ID.fullmatch(path.stem):
                found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def _is_set(path: Path) -> bool:
    """Return whether a file says ``kind = "set"``; one that cannot be read does not."""
    try:
        return SET.search(path.read_bytes()) is not None
    except OSError:
        return False


def write_new(texts: Mapping[Path, str]) -> None:
    """Write new files, all of them or none; raise ``UserError`` when one of them is there or cannot be written."""
    there = [path for path in texts if path.exists()]
    if there:
        raise UserError("\n".join(f"{shown_path(path)} is already there; nothing was written" for path in there))
    done: list[Path] = []
    try:
        for path, content in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                done.append(path)
                file.write(content)
    except OSError as error:
        remove(done)
        raise UserError(f"{shown_path(path)} cannot be written: {error.strerror or error}") from None


def remove(paths: Iterable[Path]) -> None:
    """Remove files that were written."""
    for path in paths:
        path.unlink(missing_ok=True)


def near(word: str, known: Any, lang_pair: tuple[str, str] = ('did you mean "{}"?   ', "是否想写“{}”？   ")) -> Any:
    """Return "did you mean" in both languages, or nothing when no known word is near."""
    close = nearest(str(word), map(str, known), "{}")
    return {"en": lang_pair[0].format(close), "zh": lang_pair[1].format(close)} if close else ""


def listed(known: Any) -> str:
    """Return known words separated by commas."""
    return ", ".join(str(item) for item in known) or "-"


def locate(reference: str) -> tuple[Path, str | None]:
    """Return the file a reference names, and its variant.

    Raises
    ------
    ScenarioErrors
        E07 when there is no such scenario, E18 when the reference could not be an id, E22 when a path leads nowhere.
    """
    head, variant = reference, None
    if not reference.endswith(".toml") and ":" in reference:
        head, _, variant = reference.rpartition(":")
    if head.endswith(".toml"):
        path = Path(head)
        if not _exists(path):
            raise ScenarioErrors([Problem("no_file", Spot(head))])
        return path, variant
    known = known_files()
    if head in known:
        return known[head], variant
    if not ID.fullmatch(head) and not near(head, known):
        raise ScenarioErrors([Problem("bad_id", values={"key": "scenario", "value": f'"{head}"'})])
    values = {"key": "", "value": f'"{head}"', "near": near(head, known), "known": listed(known)}
    raise ScenarioErrors([Problem("no_scenario", values=values)])


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def read_document(path: Path, findings: Findings) -> Document | None:
    """Read one file; note what is wrong with it as a file and return None when it cannot be understood."""
    label = shown_path(path)
    text = read_text(path, label, findings)
    if text is None:
        return None
    data = _parse(text, path.stem, label, findings)
    if data is None:
        return None
    return Document(path.stem, path, label, data, key_lines(text))


def read_bytes(path: Path, label: str, findings: Findings) -> bytes | None:
    """Return the bytes of a file of sensible size, or note why not."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            findings.add("too_large", Spot(label, 1))
            return None
        return path.read_bytes()
    except FileNotFoundError:
        findings.add("no_file", Spot(label))
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or error
        findings.add("unreadable", Spot(label), detail=detail)
    return None


def read_text(path: Path, label: str, findings: Findings) -> str | None:
    """Return the text of a UTF-8 file with or without a byte-order mark, or note why not."""
    data = read_bytes(path, label, findings)
    if data is None:
        return None
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        findings.add("empty_file", Spot(label, 1))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding = guess_encoding(data)
        line = data[: error.start].count(b"\n") + 1
        if encoding is None:
            findings.add("binary_file", Spot(label, 1))
        else:
            findings.add("not_utf8", Spot(label, line), encoding=encoding, id=path.stem)
        return None
    if "\0" in text:
        findings.add("binary_file", Spot(label, 1))
        return None
    return text


def _parse(text: str, identifier: str, label: str, findings: Findings) -> dict[str, Any] | None:
    """Return parsed TOML; note full-width characters, or else each line that cannot be read."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        first = error
    wide = list(full_width_places(text))
    for line, letter in wide:
        values = {
            "letter": letter,
            "code_point": f"U+{ord(letter):04X}",
            "plain": FULL_WIDTH[letter] if letter != "\u3000" else {"en": "space", "zh": "空格"},
            "line": f"{line} | {text.splitlines()[line - 1].strip()}",
            "id": identifier,
        }
        findings.add("full_width", Spot(label, line), **values)
    if not wide:
        _syntax(text, first, label, findings)
    return None


def _syntax(text: str, error: Exception, label: str, findings: Findings) -> None:
    """Note the line that stopped the parser, then leave it out and look for the next, while that is safe."""
    lines = text.replace("\r\n", "\n").split("\n")
    for _ in range(20):
        number, detail = toml_error(error, len(lines))
        spot = Spot(label, number)
        written = lines[number - 1] if number <= len(lines) else ""
        if isinstance(error, RecursionError):
            findings.add("syntax", Spot(label, 1), detail="nested too deeply", hint=_hint(""))
            return
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
