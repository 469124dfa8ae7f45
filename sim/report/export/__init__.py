"""Runs in formats of others: IAMC, tidy CSV, Parquet, netCDF. Plain units, full precision; nothing is simulated."""

from __future__ import annotations

from sim.report.export.saving import FORMATS, export

__all__ = ["FORMATS", "export"]
