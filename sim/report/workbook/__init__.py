"""The comparison as an Excel workbook: numbers that stay numbers, with intervals, and charts that can be restyled."""

from __future__ import annotations

from sim.report.workbook.workbook_files import Written, to_excel, workbook_bytes, write_beside

__all__ = ["Written", "to_excel", "workbook_bytes", "write_beside"]
