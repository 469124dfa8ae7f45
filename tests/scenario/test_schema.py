"""The JSON Schema in the repository is the one the code makes, and covers every policy type."""

from __future__ import annotations

import json
import tomllib

from sim.inputs.quantities import own_keys
from sim.policies.registry import policy_types
from sim.scenario.fields import PolicyHead
from sim.scenario.reference import entries, markdown
from sim.scenario.scenario_files import known_files
from sim.scenario.schema import scenario_schema, schema_text
from sim.workspace import library_root

KEPT = library_root() / "scenarios" / "schema.json"


def test_the_kept_schema_is_current() -> None:
    assert KEPT.read_text(encoding="utf-8") == schema_text(), "run: countysim scenario schema -o scenarios/schema.json"


def test_every_policy_type_has_all_its_keys() -> None:
    schema = scenario_schema()
    for name, kind in policy_types().items():
        described = schema["$defs"][f"policy_{name}"]
        assert set(described["properties"]) == {*own_keys(PolicyHead), *own_keys(kind.terms)}
        assert described["properties"]["type"]["const"] == name
        assert ("payer" in described["required"]) == kind.terms.needs_payer
        assert not described["additionalProperties"]


def test_references_lead_somewhere_and_nothing_is_null() -> None:
    text = schema_text()
    schema = json.loads(text)
    for piece in text.split('"$ref": "#/$defs/')[1:]:
        assert piece.split('"')[0] in schema["$defs"]
    assert "null" not in text


def test_the_librarys_files_use_only_described_keys() -> None:
    schema = scenario_schema()
    for path in known_files().values():
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        assert set(data) <= set(schema["properties"])
        assert set(schema["required"]) <= set(data)
        for policy in data.get("policy", []):
            described = schema["$defs"][f"policy_{policy['type']}"]
            assert set(policy) <= set(described["properties"])
            assert set(described["required"]) <= set(policy)


def test_the_tables_of_terms_in_the_documentation_are_current() -> None:
    page = (library_root() / "docs" / "scenario-files.md").read_text(encoding="utf-8")
    marker = "<!-- terms: countysim scenario terms --md -->\n\n"
    assert page.split(marker)[1].rstrip() == markdown().rstrip()


def test_the_reference_names_every_key() -> None:
    keys = {entry.key for entry in entries(policy_types()["park"].terms)}
    assert {"plots", "phases.opens", "treatment.fee", "admission.must_close_old_site"} <= keys
    assert all(entry.description and entry.written for kind in policy_types().values() for entry in entries(kind.terms))
