"""From a scenario file to itself and the files it extends, and their tables as items with an origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.inputs.files import ID, InputFile
from sim.inputs.positions import around
from sim.inputs.problems import Findings, InputErrors, Spot, words
from sim.inputs.tables import Named, check, listed, near
from sim.scenario.fields import BODY_KEYS, FILE_KEYS, LISTS, OTHER_KEYS, FileHead
from sim.scenario.scenario_files import known_files
from sim.units import month_text, shown


@dataclass
class Item:
    """One ``[[policy]]``, ``[[change]]``, ``[[stop]]``, ``[[variant]]`` or ``[[goal]]``.

    Attributes
    ----------
    raw
        Its data as written; a variant or an override may replace parts.
    amendments
        Terms of a policy that a variant or an override sets: path below the policy, value, origin.
    altered
        Where a variant sets something of an inherited policy. An override of the command line does not count: it is
        given for the baseline as well.
    spots
        Origin of replaced parts, by key path.
    own
        Whether it stands in the scenario's own file, not in one it extends.
    """

    kind: str
    number: int
    document: InputFile
    raw: dict[str, Any]
    own: bool
    amendments: list[tuple[tuple[str, ...], Any, Spot]] = field(default_factory=list)
    altered: Spot | None = None
    spots: dict[tuple[str | int, ...], Spot] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Id as written; a stop without one is called by its policy."""
        given = self.raw.get("id", self.raw.get("policy", "") if self.kind == "stop" else "")
        return given if isinstance(given, str) else ""

    def spot(self, path: Sequence[str | int] = ()) -> Spot:
        """Return where a key of the item comes from."""
        return around(self.spots, path) or self.document.spot(self.kind, self.number, *path)

    @property
    def label(self) -> dict[str, str]:
        """What messages call it."""
        return self.named().name(())

    def named(self) -> Named:
        """Return how it is called where a table of it is wrong."""
        zh = words(f"item_{self.kind}")["zh"]
        label = f'{self.kind} "{self.id}"' if self.id else f"{self.kind} number {self.number + 1}"
        return Named(label, f"{zh}“{self.id or self.number + 1}”", f"[[{self.kind}]]", self.spot, file_keys=FILE_KEYS)


@dataclass
class Body:
    """Keys of the scenario itself after merging, and the origin of each."""

    raw: dict[str, Any] = field(default_factory=dict)
    spots: dict[tuple[str | int, ...], Spot] = field(default_factory=dict)

    def spot(self, path: Sequence[str | int] = ()) -> Spot:
        """Return where a key comes from."""
        return around(self.spots, path) or Spot()


@dataclass
class Chain:
    """A scenario file with its ancestors.

    Attributes
    ----------
    documents
        From the oldest ancestor to the file itself.
    heads
        Keys each file states for itself, in the same order; None where they are wrong.
    complete
        False when a file it extends could not be read, so that nothing can be said about what is inherited.
    reported_until
        Last month with a published figure, None where no file says so: what a what-if alters lies after it.
    """

    documents: tuple[InputFile, ...]
    heads: tuple[FileHead | None, ...]
    body: Body
    items: list[Item]
    complete: bool
    reported_until: int | None = None

    @property
    def own(self) -> InputFile:
        """The file that was asked for."""
        return self.documents[-1]

    def of(self, kind: str) -> list[Item]:
        """Return the items of one kind, oldest file first."""
        return [item for item in self.items if item.kind == kind]

    def alters_the_past(self, document: InputFile, month: int) -> bool:
        """Return whether what a file changes acts in months already reported, with no counterfactual question."""
        head = self.heads[self.documents.index(document)]
        reported = self.reported_until is not None and month <= self.reported_until
        return reported and head is not None and head.kind != "counterfactual"

    def note_past(
        self, message: str, spot: Spot, findings: Findings, what: Mapping[str, str], month: int | None = None
    ) -> None:
        """Note that something, perhaps from a month on, would alter the past."""
        last = self.reported_until or 0
        values = {"until": month_text(last), "first": month_text(last + 1), "what": what}
        values |= {} if month is None else {"month": month_text(month)}
        findings.add(message, spot, **values, origin=self.body.spot(("time", "reported_until")))

    def owners(self) -> str:
        """Name the files whose policies are inherited."""
        return listed([document.id for document in self.documents[:-1]] or [self.own.id])


def read_chain(path: Path, findings: Findings) -> Chain:
    """Read a file and everything it extends; raise ``InputErrors`` when the file itself cannot be understood."""
    documents: list[InputFile] = []
    current: Path | None = path
    complete = True
    while current is not None:
        try:
            document = InputFile(current, findings)
        except InputErrors as errors:
            findings.problems += errors.problems
            complete = False
            break
        documents.insert(0, document)
        current = _parent(document, documents, findings)
        complete = current is not None or not isinstance(document.data.get("extends"), str)
    if not documents:
        raise InputErrors(findings.errors)
    heads = [_head(document, findings) for document in documents]
    body, items = Body(), []
    for document in documents:
        _merge_body(body, document)
        items += _items(document, document is documents[-1], findings)
    chain = Chain(tuple(documents), tuple(heads), body, items, complete)
    _same_ids(chain, findings)
    return chain


def _parent(document: InputFile, below: Sequence[InputFile], findings: Findings) -> Path | None:
    """Return the file a document extends, or None."""
    parent = document.data.get("extends")
    if not isinstance(parent, str):
        return None
    spot = document.spot("extends")
    names = [item.id for item in reversed(below)]
    if parent in names:
        findings.add("circle", spot, path=" → ".join([*names, parent]))
        return None
    known = known_files()
    beside = document.path.parent / f"{parent}.toml"
    if ID.fullmatch(parent) and beside.is_file():
        return beside
    if parent in known:
        return known[parent]
    values = {"key": "extends = ", "value": shown(parent), "near": near(parent, known), "known": listed(known)}
    findings.add("no_scenario", spot, **values)
    return None


def _head(document: InputFile, findings: Findings) -> FileHead | None:
    """Check the keys a file states for itself, and that there are no others."""
    elsewhere = (*BODY_KEYS, *OTHER_KEYS)
    data = {key: value for key, value in document.data.items() if key not in elsewhere}
    named = Named(
        "the scenario", "情景", "", lambda path: document.spot(*path), extra_keys=elsewhere, file_keys=FILE_KEYS
    )
    head = check(FileHead, data, named, findings)
    resolved = "resolved" in document.data
    if head is not None and not resolved:
        if not ID.fullmatch(document.id):
            findings.add("bad_file_name", Spot(document.label, 1), file=document.path.name)
        elif head.id != document.id:
            values = {"id": head.id, "file": document.path.name, "stem": document.id}
            findings.add("id_not_file", document.spot("id"), **values)
    if head is not None and head.kind == "counterfactual" and head.extends is None and not resolved:
        findings.add("counterfactual_alone", document.spot("kind"))
    return head


def merge_tables(base: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return two tables merged key by key; single values and lists of the new one replace those of the base."""
    merged = deepcopy(dict(base))
    for key, value in new.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = merge_tables(old, value)
        else:
            merged[key] = deepcopy(value)
    return merged


def _merge_body(body: Body, document: InputFile) -> None:
    new = {key: value for key, value in document.data.items() if key in (*BODY_KEYS, "parameters", "resolved")}
    for one, other in (("place", "places"), ("places", "place")):
        if one in new and other not in new:
            body.raw.pop(other, None)  # a file that names its place replaces the list it inherits, and the reverse
    body.raw = merge_tables(body.raw, new)
    body.raw.pop("resolved", None)
    if "resolved" in new:
        body.raw["resolved"] = deepcopy(new["resolved"])
    body.spots[()] = Spot(document.label, 1)
    for path, line in document.lines.items():
        if path[0] in new:
            body.spots[path] = Spot(document.label, line)


def _items(document: InputFile, own: bool, findings: Findings) -> list[Item]:
    found = []
    for kind in LISTS:
        tables = document.data.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            values = {"key": kind, "value": shown(tables), "wanted": words("tables")}
            findings.add("wrong_type", document.spot(kind), **values, example=f"[[{kind}]]")
            continue
        if kind == "variant" and not own:
            continue  # variants belong to the file that defines them
        found += [Item(kind, number, document, deepcopy(table), own) for number, table in enumerate(tables)]
    return found


def _same_ids(chain: Chain, findings: Findings) -> None:
    """Refuse an id that stands twice among items of one kind, in one file or across files."""
    for kind in LISTS:
        seen: dict[str, Item] = {}
        for item in chain.of(kind):
            first = seen.setdefault(item.id, item)
            if first is item or not item.id:
                continue
            if first.document is item.document:
                findings.add("twice", item.spot(("id",)), what=kind, id=item.id, other=first.spot(("id",)).line)
            elif kind == "policy":
                values = {"id": item.id, "parent": first.document.id, "origin": first.spot(("id",))}
                findings.add("policy_again", item.spot(("id",)), **values)
            else:
                values = {"what": kind, "id": item.id, "other": first.spot(("id",))}
                findings.add("twice_inherited", item.spot(("id",)), **values)
