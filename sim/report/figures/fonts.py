"""A Chinese font for pictures, looked for by path; nothing is downloaded and nothing is shipped.

Matplotlib's own list of fonts is cached and goes stale when a font is installed later, so known files are looked for
directly and added. An SVG needs no font here: it names several and the browser picks one it has.
"""

from __future__ import annotations

import functools
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.units import Language

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
