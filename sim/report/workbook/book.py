"""The workbook itself: fonts and looks shared by its sheets, page set-up, and bytes that depend on the data alone."""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

if TYPE_CHECKING:
    from sim.units import Language

INK, MUTED, RULE, HEAD, BAND = "#1F2933", "#5B6770", "#B8C1C9", "#DCE6EF", "#F4F7FA"

FONTS: Final = {"zh": "Microsoft YaHei", "en": "Calibri"}
SIZE: Final = 10
A4: Final = 9
FIXED_DATE: Final = datetime(2000, 1, 1)
OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""Text is never read as a formula, a link or a number, and no temporary file is made."""


class Book:
    """A workbook being written in memory."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.font = FONTS[language]
        self._buffer = io.BytesIO()
        self.writer: Any = xlsxwriter.Workbook(self._buffer, OPTIONS)
        self.writer.set_properties({"created": FIXED_DATE, "author": "countysim", "title": "countysim"})
        self.writer.formats[0].set_font_name(self.font)
        self.writer.formats[0].set_font_size(SIZE)
        self._looks: dict[tuple[tuple[str, Any], ...], Any] = {}

    def add_page(self, name: str) -> Any:
        """Return a new worksheet, set up for A4 landscape, as wide as the paper."""
        page = self.writer.add_worksheet(name)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(A4)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.center_horizontally()
        note = "模型推演，不是预测" if self.language == "zh" else "A simulation, not a forecast"
        page.set_footer(f"&L&9{note}&C&9&A&R&9&P / &N")
        return page

    def look(
        self,
        *,
        bold: bool = False,
        size: int = SIZE,
        color: str = INK,
        fill: str = "",
        form: str = "",
        wrap: bool = False,
        border: bool = False,
        centred: bool = False,
        indent: int = 0,
        top: bool = False,
        middle: bool = False,
    ) -> Any:
        """Return the format with these properties; equal ones are made once."""  # fmt: skip
        properties: dict[str, Any] = {
            "font_name": self.font, "font_size": size, "font_color": color, "bold": bold, "text_wrap": wrap,
        }  # fmt: skip
        if fill:
            properties["bg_color"] = fill
        if form:
            properties["num_format"] = form
        if indent:
            properties |= {"align": "left", "indent": indent}
        if border:
            properties |= {"bottom": 1, "bottom_color": RULE}
        if centred:
            properties["align"] = "center"
        if centred or middle or top:
            properties["valign"] = "top" if top else "vcenter"
        key = tuple(sorted(properties.items()))
        if key not in self._looks:
            self._looks[key] = self.writer.add_format(properties)
        return self._looks[key]

    def content(self) -> bytes:
        """Close the workbook and return its bytes."""
        self.writer.close()
        return self._buffer.getvalue()
