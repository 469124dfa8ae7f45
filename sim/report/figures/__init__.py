"""Figures: each in a file of its own, drawn without pyplot, saved as SVG, PNG and CSV; equal data give equal bytes."""

from __future__ import annotations

from pathlib import Path

from sim.compare import compare
from sim.compare.comparison import Comparison
from sim.experiments import Run
from sim.report.figures.differences import differences
from sim.report.figures.dose_curve import dose_curve
from sim.report.figures.fan import fan
from sim.report.figures.funnel import fairs, funnel
from sim.report.figures.layout import Drawing
from sim.report.figures.picture_files import Maker, csv_text, png_bytes, save, save_all, svg_text
from sim.report.figures.timeline import timeline
from sim.report.figures.tornado import tornado
from sim.report.figures.value_for_money import value_for_money
from sim.report.figures.why_bars import why_bars
from sim.units import Language

__all__ = [
    "Drawing", "csv_text", "differences", "dose_curve", "draw_all", "fan", "funnel", "makers", "png_bytes", "save",
    "save_all", "svg_text", "timeline", "tornado", "value_for_money", "why_bars",
]  # fmt: skip


def makers(b: Run, a: Run, *, comparison: Comparison | None = None) -> list[Maker]:
    """Return a function of the language for each figure that can be drawn of scenario ``b`` and baseline ``a``.

    ``comparison`` saves comparing the runs again; its year and pairing then hold for every figure. The funnel is left
    out when neither scenario has a fair with twelve simulated months from it on.
    """
    runs = (b, a)
    made = compare(b, a) if comparison is None else comparison
    unpaired, at = not made.paired, made.at
    found: list[Maker] = [
        lambda lang: fan(runs, "output_value", lang, at=at, unpaired=unpaired),
        lambda lang: fan(runs, "employment", lang, at=at, unpaired=unpaired),
        lambda lang: differences(runs, lang, comparison=made),
        lambda lang: value_for_money([made], lang),
        lambda lang: timeline(runs, lang, unpaired=unpaired),
    ]
    held = fairs(runs)
    if held:
        found.append(lambda lang: funnel(runs, lang, fair=held[0], unpaired=unpaired))
    return found


def draw_all(
    b: Run, a: Run, folder: Path, lang: Language = "en", *, comparison: Comparison | None = None
) -> list[Path]:
    """Write every figure of scenario ``b`` against baseline ``a`` into ``folder`` as SVG, PNG and CSV.

    ``UserError`` when the runs cannot be compared or the folder cannot be written.
    """
    return [path for make in makers(b, a, comparison=comparison) for path in save_all(make, folder, lang)]
