"""Figures: each in a file of its own, drawn without pyplot, saved as SVG, PNG and CSV; equal data give equal bytes."""

from __future__ import annotations

from sim.report.figures.differences import differences
from sim.report.figures.dose import dose_curve
from sim.report.figures.everything import draw_all, makers
from sim.report.figures.fan import fan
from sim.report.figures.funnel import funnel
from sim.report.figures.saving import csv_text, png_bytes, save, save_all, svg_text
from sim.report.figures.sheet import Drawing
from sim.report.figures.timeline import timeline
from sim.report.figures.tornado import tornado
from sim.report.figures.value import value_for_money

__all__ = [
    "Drawing",
    "csv_text",
    "differences",
    "dose_curve",
    "draw_all",
    "fan",
    "funnel",
    "makers",
    "png_bytes",
    "save",
    "save_all",
    "svg_text",
    "timeline",
    "tornado",
    "value_for_money",
]
