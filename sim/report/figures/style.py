"""Looks shared by every figure: sizes in points, colours, fonts, and text cleaned, measured and wrapped."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.report.table import display_width, one_line
from sim.units import Language

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

LATIN: Final = "DejaVu Sans"
"""Comes with Matplotlib, hence on every machine."""
INSTALL: Final = "fonts-wqy-microhei"

_DEBIAN = "/usr/share/fonts"
_MAC = "/System/Library/Fonts"
_WINDOWS = "C:/Windows/Fonts"
_NOTO = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
KNOWN_FILES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Noto Sans CJK SC", tuple(f"{_DEBIAN}/opentype/noto/{name}" for name in _NOTO)),
    ("Noto Sans CJK SC", tuple(f"{_DEBIAN}/noto-cjk/{name}" for name in _NOTO)),
    ("Noto Sans CJK SC", tuple(f"{_DEBIAN}/google-noto-cjk/{name}" for name in _NOTO)),
    ("Noto Sans CJK SC", tuple(f"{_DEBIAN}/google-noto-sans-cjk-fonts/{name}" for name in _NOTO)),
    ("Source Han Sans SC", (f"{_DEBIAN}/adobe-source-han-sans/SourceHanSansSC-Regular.otf",)),
    ("WenQuanYi Micro Hei", (f"{_DEBIAN}/truetype/wqy/wqy-microhei.ttc",)),
    ("WenQuanYi Micro Hei", (f"{_DEBIAN}/wenquanyi/wqy-microhei/wqy-microhei.ttc",)),
    ("WenQuanYi Zen Hei", (f"{_DEBIAN}/truetype/wqy/wqy-zenhei.ttc",)),
    ("Droid Sans Fallback", (f"{_DEBIAN}/truetype/droid/DroidSansFallbackFull.ttf",)),
    ("Microsoft YaHei", (f"{_WINDOWS}/msyh.ttc", f"{_WINDOWS}/msyhbd.ttc")),
    ("SimHei", (f"{_WINDOWS}/simhei.ttf",)),
    ("PingFang SC", (f"{_MAC}/PingFang.ttc",)),
    ("Hiragino Sans GB", (f"{_MAC}/Hiragino Sans GB.ttc",)),
    ("Heiti SC", (f"{_MAC}/STHeiti Medium.ttc", f"{_MAC}/STHeiti Light.ttc")),
)
"""Family wanted and the files that hold it, best first. The first file of a row must exist; the others add weights."""

SVG_FAMILIES: Final = (
    "'Helvetica Neue', Arial, 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', "
    "'Source Han Sans SC', 'WenQuanYi Micro Hei', 'SimHei', 'DejaVu Sans', sans-serif"
)


def find_font_files(known: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[str, tuple[Path, ...]] | None:
    """Return the best Chinese family whose first file exists, with its files that exist; None when none does."""
    for family, names in known:
        paths = tuple(Path(name) for name in names)
        if paths[0].is_file():
            return family, tuple(path for path in paths if path.is_file())
    return None


def chinese_family() -> str | None:
    """Return the name of a Chinese font family that Matplotlib can draw with on this machine, or None."""
    return _registered(KNOWN_FILES)


@functools.cache
def _registered(known: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    """Add the font files to Matplotlib's list; return the family name it files them under."""
    from matplotlib import font_manager

    # A Chinese face without a bold one of its own is told of at every bold word; there is nothing to be done about it.
    logging.getLogger(font_manager.__name__).setLevel(logging.ERROR)

    remaining = list(known)
    while (found := find_font_files(remaining)) is not None:
        family, paths = found
        names: list[str] = []
        for path in paths:
            before = len(font_manager.fontManager.ttflist)
            try:
                font_manager.fontManager.addfont(str(path))
            except (OSError, RuntimeError):
                # A damaged or locked file counts as absent.
                continue
            names += [entry.name for entry in font_manager.fontManager.ttflist[before:]]
        if names:
            return family if family in names else names[0]
        remaining = [row for row in remaining if Path(row[1][0]) not in paths]
    return None


def drawing_families(lang: Language) -> tuple[str, ...]:
    """Return the font families to draw with: for Chinese the Chinese font first, so that figures and words match."""
    chinese = chinese_family()
    if chinese is None:
        return (LATIN,)
    return (chinese, LATIN) if lang == "zh" else (LATIN, chinese)


_told: set[str] = set()


def picture_language(lang: Language) -> Language:
    """Return the language a PNG can be drawn in; without a Chinese font it is English, said once on stderr."""
    if lang == "en" or chinese_family() is not None:
        return lang
    if "font" not in _told:
        _told.add("font")
        print(
            f"no Chinese font found: PNG figures have English labels (SVG is not affected); install {INSTALL} "
            "or Noto Sans CJK, e.g.  apt-get install " + INSTALL,
            file=sys.stderr,
        )
    return "en"


WIDTH: Final = 720.0
"""Width of every figure in points (10 inches)."""
MARGIN: Final = 28.0
LABEL_GAP: Final = 10.0
"""Least distance between the middles of two direct labels: 10 points are 13 px on the page, above the 12 px wanted."""
PNG_DPI: Final = 160

TITLE_SIZE: Final = 13.0
SUBTITLE_SIZE: Final = 9.5
LABEL_SIZE: Final = 8.5
SMALL_SIZE: Final = 7.5

INK: Final = "#1f2328"
MUTED: Final = "#5b636b"
FAINT: Final = "#8c949c"
RULE: Final = "#e3e6e8"
AXIS: Final = "#9aa1a8"

BASELINE: Final = "#646b73"
BASELINE_50: Final = "#b9bec3"
BASELINE_90: Final = "#e2e4e6"
SCENARIO: Final = "#0a5a8c"
SCENARIO_50: Final = "#84b4d2"
SCENARIO_90: Final = "#d0e2ee"
SCENARIO_COLORS: Final = (SCENARIO_90, SCENARIO_50, SCENARIO)
REPORTED: Final = "#1f2328"

BASELINE_DASHES: Final = (0.0, (5.0, 2.0))
"""The baseline's median is broken, the scenario's is not: they differ on grey paper too."""


def paper(pad: float) -> dict[str, Any]:
    """Return the box of white paper behind a text that stands on lines."""
    return {"facecolor": "white", "edgecolor": "none", "pad": pad}


def settings(lang: Language) -> dict[str, Any]:
    """Return the Matplotlib settings, beside its defaults, that a figure in ``lang`` is made and saved under."""
    grey = {"axes.labelcolor": MUTED, "xtick.labelcolor": MUTED, "ytick.labelcolor": MUTED}
    lines = {"axes.edgecolor": AXIS, "axes.linewidth": 0.6, "xtick.color": AXIS, "ytick.color": AXIS}
    text = {"font.family": list(drawing_families(lang)), "font.size": LABEL_SIZE, "text.parse_math": False}
    svg = {"svg.fonttype": "none", "svg.hashsalt": "countysim", "path.simplify": False, "savefig.dpi": PNG_DPI}
    return {**text, "text.color": INK, **lines, **grey, "hatch.linewidth": 0.7, **svg}


ELLIPSIS = "…"
_NO_LINE_START = "，。；：、！？）》”’,.;:!?)%"


@functools.cache
def _metrics(bold: bool) -> FT2Font:
    """Return the font narrow characters are measured in (comes with Matplotlib; wider than what browsers choose)."""
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    weight = "bold" if bold else "normal"
    path = font_manager.findfont(font_manager.FontProperties(family=LATIN, weight=weight))
    font = FT2Font(str(path))
    font.set_size(100.0, 72.0)
    return font


@functools.lru_cache(maxsize=20_000)
def _advance(character: str, bold: bool) -> float:
    """Width of one character in hundredths of the font size."""
    if display_width(character) == 2:
        return 100.0
    font = _metrics(bold)
    index = font.get_char_index(ord(character))
    if index == 0:
        return 70.0
    return float(font.load_glyph(index).linearHoriAdvance) / 65536.0


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of ``text`` in points at font ``size``; a Chinese character counts one ``size``."""
    return sum(_advance(c, bold) for c in text) * size / 100.0


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return ``text``, cut with an ellipsis when it is wider than ``room`` points."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept.rstrip() + ELLIPSIS, size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def _pieces(text: str) -> list[str]:
    """Split into pieces that may not be broken: words with the blank after them, or single Chinese characters."""
    pieces: list[str] = []
    word = ""
    for character in text:
        if display_width(character) == 2:
            if word:
                pieces.append(word)
                word = ""
            if character in _NO_LINE_START and pieces:
                pieces[-1] += character
            else:
                pieces.append(character)
        else:
            word += character
            if character == " ":
                pieces.append(word)
                word = ""
    return [*pieces, word] if word else pieces


def wrap(text: str, room: float, size: float, *, bold: bool = False, lines: int = 9) -> list[str]:
    """Break ``text`` into at most ``lines`` lines of ``room`` points; the last is cut with an ellipsis if need be."""
    result: list[str] = []
    current = ""
    for piece in _pieces(one_line(text)):
        if current and width((current + piece).rstrip(), size, bold=bold) > room:
            result.append(current.rstrip())
            current = ""
        current += piece
    if current.strip():
        result.append(current.rstrip())
    if len(result) > lines:
        result = [*result[: lines - 1], " ".join(result[lines - 1 :])]
    return [shorten(line, room, size, bold=bold) for line in result]
