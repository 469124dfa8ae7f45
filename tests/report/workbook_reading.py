"""The workbook read back, for tests."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

DIVISORS = {"亿元": 1e8, "万元": 1e4, "元": 1.0, "billion yuan": 1e9, "million yuan": 1e6, "万吨": 1e4, "%": 1.0}


def opened(content: bytes) -> Any:
    """The workbook of these bytes."""
    return openpyxl.load_workbook(io.BytesIO(content))


def header_row(sheet: Any) -> int:
    """Row of the header that carries the filter."""
    return int(sheet.auto_filter.ref.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def table(sheet: Any) -> list[dict[str, Any]]:
    """The rows under the filtered header, by heading."""
    top = header_row(sheet)
    last = int(sheet.auto_filter.ref.split(":")[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    headings = [cell.value for cell in sheet[top]]
    return [
        {str(heading): cell.value for heading, cell in zip(headings, sheet[row], strict=True) if heading is not None}
        for row in range(top + 1, last + 1)
    ]


def all_cells(book: Any) -> list[Any]:
    """Every cell of every sheet."""
    return [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]


def texts(sheet: Any) -> list[str]:
    """All texts of a sheet."""
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
