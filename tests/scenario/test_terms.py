"""Terms of policy types: labels, units, what may be left out, and the registry."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from sim.inputs.quantities import EXAMPLES, Quantity, Share, Table, field_type, own_keys, quantity_of, term
from sim.policies import registry
from sim.policies.registry import policy_type, policy_types
from sim.policies.terms import Terms
from sim.units import Uncertain
from sim.workspace import library_root

FAIR = {
    "every": {"month": 10},
    "booths": 380,
    "exhibitors": "any",
    "booth_fee": 6000,
    "booth_subsidy": 0.5,
    "domestic_buyers_invited": 1500,
    "foreign_buyers_invited": 120,
    "countries": 20,
    "travel_subsidy": 3000,
    "organising_cost": 8e6,
}


def tables(model: type[Table]) -> Iterator[type[Table]]:
    """Return a table and all tables inside it."""
    yield model
    for item in model.model_fields.values():
        inner = field_type(item.annotation)
        for choice in (inner, *getattr(inner, "__args__", ())):
            if isinstance(choice, type) and issubclass(choice, Table):
                yield from tables(choice)


@pytest.mark.parametrize("name", sorted(policy_types()))
def test_every_field_has_description_and_chinese_label(name: str) -> None:
    for table in tables(policy_types()[name].terms):
        for key, item in table.model_fields.items():
            assert item.description, (table, key)
            label = (item.json_schema_extra or {})["label_zh"]  # type: ignore[index, call-overload]
            assert any("\u4e00" <= letter <= "\u9fff" for letter in label), (table, key)


@pytest.mark.parametrize("name", sorted(policy_types()))
def test_a_field_that_may_be_left_out_says_what_that_means(name: str) -> None:
    for table in tables(policy_types()[name].terms):
        for key, item in table.model_fields.items():
            if not item.is_required():
                assert "left out" in (item.description or ""), (table, key)


def test_the_fields_of_the_design() -> None:
    kinds = policy_types()
    assert own_keys(kinds["fund"].terms) == (
        "annual_budget", "pays_for", "grant_share", "cap_per_firm", "firm_co_finance_at_least", "call_months", "paid",
        "unspent", "eligible", "allocation", "across",
    )  # fmt: skip
    assert own_keys(kinds["park"].terms) == (
        "build_cost", "plots", "plot_area", "rent", "phases", "treatment", "admission",
    )  # fmt: skip
    assert own_keys(kinds["exhibition"].terms) == ("every", "firms_sent", "stand_subsidy", "countries")
    assert set(own_keys(kinds["fair"].terms)) == set(FAIR)
    assert {kind.name_zh for kind in kinds.values()} >= {"专项资金", "产业园", "展会", "境外参展"}


def test_examples_of_units_can_be_read() -> None:
    import tomllib

    for kind, written in EXAMPLES.items():
        assert isinstance(Quantity(kind).read(tomllib.loads(f"x = {written}")["x"]), int | float)


def test_plain_numbers_and_ranges() -> None:
    fair = policy_types()["fair"].terms.plain(**{**FAIR, "booths": {"low": 300, "high": 400}})
    assert fair.organising_cost == 8e6  # type: ignore[attr-defined]
    assert fair.booths == Uncertain(300, 400)  # type: ignore[attr-defined]
    assert fair.every.years == 1  # type: ignore[attr-defined]


def test_terms_cannot_be_altered() -> None:
    fair = policy_types()["fair"].terms.plain(**FAIR)
    with pytest.raises(ValidationError):
        fair.booths = 5  # type: ignore[attr-defined]


def test_a_missing_key_never_borrows_a_default() -> None:
    for key in FAIR:
        with pytest.raises(ValidationError, match="missing"):
            policy_types()["fair"].terms.plain(**{name: value for name, value in FAIR.items() if name != key})


def test_a_bare_number_is_not_money() -> None:
    with pytest.raises(ValidationError, match="booth_fee"):
        policy_types()["fair"].terms.model_validate({"booth_fee": 6000})


def test_quantity_is_found_for_optional_fields() -> None:
    across = next(table for table in tables(policy_types()["fund"].terms) if table.__name__ == "Across")
    floor, ceiling = quantity_of(across, "floor_per_place"), quantity_of(across, "ceiling_per_place")
    assert floor is not None
    assert floor.kind == "yuan/year"
    assert ceiling is not None
    assert ceiling.kind == "share"
    assert quantity_of(across, "rule") is None


def test_one_class_and_one_line_make_a_policy_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "POLICY_TYPES", dict(registry.POLICY_TYPES))

    @policy_type("voucher", name_zh="创新券")
    class VoucherTerms(Terms):
        """Terms of a test."""

        worth: Share = term("面值", "Share of a bill")

    assert policy_types()["voucher"].terms is VoucherTerms
    assert VoucherTerms.type_name == "voucher"
    with pytest.raises(ValueError, match="registered twice"):

        @policy_type("voucher", name_zh="创新券")
        class Other(Terms):
            """Another class under the same name."""


def test_reading_terms_brings_in_neither_mesa_nor_numba() -> None:
    code = (
        "import sys; from sim.scenario.loader import load; load('yongnian-2023'); "
        "print([name for name in ('mesa', 'numba', 'pandas', 'matplotlib', 'scipy') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=library_root()
    )
    assert answer.stdout.strip() == "[]"
