"""What is changed in a mutant, and what is not."""

from __future__ import annotations

import pytest

from tests.attack.common import ROOT
from tests.attack.mutants import MIRROR, mutants


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("x = a + 2", ["x = a - 2", "x = a + 3"]),
        ("x += -y", ["x -= -y", "x += +y"]),
        ("x = a < b", ["x = a <= b", "x = a >= b"]),
        ("x = a is None and True", ["x = a is None or True", "x = a is not None and True", "x = a is None and False"]),
        ("x: int | float = 'a'\n\n@cache(2)\ndef f(x: A | B) -> C | D:\n    '''Return 1 + 2.'''", []),
    ],
)
def test_one_operator_or_number_is_changed(source: str, wanted: list[str]) -> None:
    assert [mutant.text for mutant in mutants(source)] == wanted


def test_every_mutant_says_where_it_differs() -> None:
    source = "x = 1\ny = (x < 2) ** 3"
    assert [(mutant.line, mutant.before, mutant.after) for mutant in mutants(source)][:2] == [
        (1, "1", "2"),
        (2, "(x < 2) ** 3", "(x < 2) * 3"),
    ]


def test_every_module_named_has_its_tests() -> None:
    files = [name for module, tests in MIRROR.items() for name in (module, *tests)]
    assert [name for name in files if not (ROOT / name).is_file()] == []
    rules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sim/rules").glob("[!_]*.py")}
    assert rules - MIRROR.keys() == {"sim/rules/compiled.py"}
