"""Pages and pictures from templates: what is filled in is text, shown literally, unless it was made here."""

from __future__ import annotations

import functools
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sim.report.table import html, one_line
from sim.report.words import say


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        finalize=lambda value: value if isinstance(value, Markup) else Markup(escape(str(value))),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"px": lambda x: f"{x:.1f}", "short": lambda x: f"{x:g}", "line": one_line}
    made.globals |= {"say": say, "table": lambda columns: Markup(html(columns))}
    return made


def page(name: str, **values: Any) -> str:
    """Return a template of ``templates`` filled with values."""
    return _environment().get_template(name).render(values)
