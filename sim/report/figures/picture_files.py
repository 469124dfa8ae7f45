"""Writing figures: SVG with text kept as text, PNG and CSV; equal data give equal bytes."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from matplotlib.style import context

from sim.errors import UserError
from sim.report.figures import style
from sim.report.figures.layout import Drawing
from sim.report.figures.style import SVG_FAMILIES, picture_language
from sim.units import Language, plain_cell
from sim.whole import write_whole

if TYPE_CHECKING:
    import pandas as pd

Maker = Callable[[Language], Drawing]

FORMATS: Final = ("svg", "png", "csv")
ELSEWHERE: Final = "choose another file with -o"

_TAG = re.compile(r"<[A-Za-z/][^<>]*>")


@contextlib.contextmanager
def drawing(lang: Language) -> Iterator[None]:
    """Make or save a figure under our own settings; the caller's Matplotlib settings are left alone."""
    # Warnings of missing glyphs: an SVG needs none, its reader's browser has them; PNG falls back to English.
    with context(["default", style.settings(lang)]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def svg_text(figure: Drawing) -> str:
    """Return the figure as SVG text with ``<title>`` and ``<desc>``, ready for a file or for a page."""
    buffer = io.StringIO()
    empty = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with drawing(figure.lang):
        figure.figure.savefig(buffer, format="svg", metadata=empty)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*<style[^>]*>\*\{[^}]*\}</style>\s*</defs>\s*", "", text)
    text = _TAG.sub(lambda match: _own_tag(match.group(), figure.stem), text)
    head = text.index(">") + 1
    opening = text[: head - 1].rstrip() + (
        f' role="img" lang="{"zh-CN" if figure.lang == "zh" else "en"}" style="stroke-linejoin: round; '
        f'stroke-linecap: butt" aria-labelledby="{figure.stem}-title {figure.stem}-desc">'
    )
    words = (
        f'\n <title id="{figure.stem}-title">{escape(figure.title)}</title>'
        f'\n <desc id="{figure.stem}-desc">{escape(figure.alt)}</desc>'
    )
    return opening + words + text[head:]


def _own_tag(tag: str, stem: str) -> str:
    """Make ids unique to the figure, so that several fit on one page, and name fonts that browsers have."""
    tag = re.sub(r'\bid="([^"]+)"', rf'id="{stem}-\1"', tag)
    tag = re.sub(r'href="#([^"]+)"', rf'href="#{stem}-\1"', tag)
    tag = re.sub(r"url\(#([^)]+)\)", rf"url(#{stem}-\1)", tag)
    if tag.startswith("<text"):
        tag = re.sub(r"font-family: [^;\"]*", f"font-family: {SVG_FAMILIES}", tag)
    return tag


def png_bytes(figure: Drawing) -> bytes:
    """Return the figure as PNG without metadata."""
    buffer = io.BytesIO()
    with drawing(figure.lang):
        figure.figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def csv_text(data: pd.DataFrame) -> str:
    """Return the data drawn as CSV: plain units, full precision; no cell can be taken for a formula."""
    safe = data.copy()
    for name in safe.columns:
        if safe[name].dtype.kind not in "fiub":
            safe[name] = safe[name].map(plain_cell)
    return str(safe.to_csv(index=False, lineterminator="\n"))


def _content(made: Drawing, make: Maker, form: str) -> bytes:
    """Return a figure in one format; a PNG is made again in English where no Chinese font is found."""
    if form == "png":
        lang = picture_language(made.lang)
        return png_bytes(made if lang == made.lang else make(lang))
    return (svg_text(made) if form == "svg" else csv_text(made.data)).encode("utf-8")


def save(make: Maker, path: Path, lang: Language) -> Path:
    """Write one file; its extension, one of ``FORMATS``, picks the format. ``UserError`` where it cannot be written."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        shown = f'"{path.suffix}"' if path.suffix else "no extension"
        raise UserError(f"{path}: cannot tell the format from {shown}; use .svg, .png or .csv")
    return write_whole(path, _content(make(lang), make, form), ELSEWHERE)


def save_all(make: Maker, folder: Path, lang: Language) -> list[Path]:
    """Write a figure in every format under its stem; return the paths.

    Pictures in Chinese end in ``.zh.svg`` and ``.zh.png``, so that both languages fit in one folder; the data are the
    same in both.
    """
    made = make(lang)
    ending = ".zh" if lang == "zh" else ""
    names = {"svg": f"{made.stem}{ending}.svg", "png": f"{made.stem}{ending}.png", "csv": f"{made.stem}.csv"}
    return [write_whole(folder / name, _content(made, make, form), ELSEWHERE) for form, name in names.items()]
