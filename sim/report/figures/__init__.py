"""Figures: each in a file of its own, drawn without pyplot, saved as SVG, PNG and CSV with equal bytes for equal data."""

from __future__ import annotations

from sim.report.figures.differences import differences
from sim.report.figures.fan import fan
from sim.report.figures.funnel import funnel
from sim.report.figures.saving import save, save_all, svg_text
from sim.report.figures.sheet import Drawing
from sim.report.figures.timeline import timeline

__all__ = ["Drawing", "differences", "fan", "funnel", "save", "save_all", "svg_text", "timeline"]
