"""From items of scenario files to policies with the terms in force from each month on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.inputs.problems import Findings, Spot, words
from sim.inputs.quantities import own_keys
from sim.inputs.tables import Named, check, listed, near
from sim.policies.registry import PolicyType, policy_types
from sim.policies.terms import Terms
from sim.scenario.amend import amended
from sim.scenario.chain import Body, Chain, Item
from sim.scenario.fields import FILE_KEYS, Change, PolicyHead, Stop
from sim.scenario.payers import unpaid
from sim.scenario.resolved import Policy
from sim.units import month_text, shown

ACCEPTABLE = ("W03", "W10", "W11")


@dataclass
class Draft:
    """A policy while changes and stops are being applied to it; ``where`` is settled once all policies are known."""

    item: Item
    head: PolicyHead
    terms: Terms
    end: int | None
    versions: list[tuple[int, Terms]] = field(default_factory=list)
    change_spots: dict[str, Spot] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    where_designated: str | None = None

    def policy(self, places: Sequence[str]) -> Policy:
        """Return the finished policy."""
        head = self.head
        return Policy(
            id=head.id,
            type=head.type,
            name=head.name,
            name_zh=head.name_zh or head.name,
            source=head.source,
            where=self.where or tuple(places),
            start=head.start,
            end=self.end,
            payer=head.payer or {},
            versions=((head.start, self.terms), *self.versions),
            assumed=head.assumed,
            where_designated=self.where_designated,
            stopped=self.end != head.end,
            announced_end=head.end,
        )


def build_drafts(chain: Chain, findings: Findings) -> dict[str, Draft]:
    """Return every policy of the chain that is right in itself, by id, with its changes and stops applied."""
    drafts: dict[str, Draft] = {}
    seen: set[str] = set()
    for item in chain.of("policy"):
        again = item.id in seen
        seen.add(item.id)
        draft = draft_of(item, findings, again=again)
        if draft is not None and not again:
            drafts[item.id] = draft
            month, inheriting = draft.head.start, item.document is not chain.documents[0] or not chain.complete
            if inheriting and chain.alters_the_past(item.document, month):
                chain.note_past("in_the_past", item.spot(("start",)), findings, item.label, month)
            if item.altered is not None and chain.alters_the_past(chain.own, month):
                chain.note_past("alters_the_past", item.altered, findings, item.label)
    _apply_changes(chain, drafts, findings)
    _apply_stops(chain, drafts, findings)
    _check_payers(drafts, findings)
    return drafts


def draft_of(item: Item, findings: Findings, *, again: bool = False) -> Draft | None:
    """Check one policy's keys and terms.

    With ``again`` its id is taken by another policy: somebody meant to alter that one, so nothing is called missing.
    """
    head_keys = own_keys(PolicyHead)
    head = check(
        PolicyHead, {k: v for k, v in item.raw.items() if k in head_keys}, item.named(), findings, skip_missing=again
    )
    kinds = policy_types()
    kind = item.raw.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        if isinstance(kind, str):
            values = {"id": item.id, "value": shown(kind), "near": near(kind, kinds), "known": listed(kinds)}
            findings.add("unknown_type", item.spot(("type",)), **values)
        return None
    named = Named(
        f'policy "{item.id}" (type {kind})',
        f"政策“{item.id}”（{kind} {kinds[kind].name_zh}）",
        "[[policy]]",
        item.spot,
        parent_keys=(*own_keys(kinds[kind].terms), *head_keys),
        common_keys=head_keys,
        file_keys=FILE_KEYS,
    )
    before = len(findings.problems)
    raw = {key: value for key, value in item.raw.items() if key not in head_keys}
    terms = check(kinds[kind].terms, raw, named, findings, skip_missing=again)
    if head is None or again:
        return None
    _check_head(item, head, kinds[kind], terms, findings)
    for group in _together(item):
        if terms is not None:
            origins = Body(spots={(): group[0][2], **{path[:1]: spot for path, _, spot in group}})
            replaced = Named(named.en, named.zh, "", origins.spot)
            terms = amended(terms, [(path, value) for path, value, _ in group], replaced, findings)
    if terms is None or len(findings.problems) > before:
        return None
    return Draft(item, head, terms, head.end)


def _together(item: Item) -> list[list[tuple[tuple[str, ...], Any, Spot]]]:
    """Group amendments that are made at once, so that terms which must fit together can be set one after another.

    A key amended twice begins a new group: the second amendment counts from the first.
    """
    groups: list[list[tuple[tuple[str, ...], Any, Spot]]] = []
    for amendment in item.amendments:
        if not groups or any(path[0] == amendment[0][0] for path, _, _ in groups[-1]):
            groups.append([])
        groups[-1].append(amendment)
    return groups


def _check_head(item: Item, head: PolicyHead, kind: PolicyType, terms: Terms | None, findings: Findings) -> None:
    if head.payer is None and terms is None and kind.terms.needs_payer:
        findings.add("missing_key", item.spot(), table=item.label, keys='"payer"', hint='payer = "county"')
    if head.end is not None and head.end < head.start:
        values = {"late_key": "end", "late": month_text(head.end)}
        values |= {"early_key": "start", "early": month_text(head.start)}
        findings.add("month_order", item.spot(("end",)), **values)
    fields = (*own_keys(kind.terms), *own_keys(PolicyHead))
    for number, name in enumerate(head.assumed):
        if name.split(".")[0] not in fields:
            of_keys = {"table": item.label, "near": near(name, fields), "keys": listed(fields)}
            findings.add("unknown_entry", item.spot(("assumed", number)), key="assumed", value=name, **of_keys)
    for number, code in enumerate(head.accept):
        if code not in ACCEPTABLE:
            of_codes = {"table": words("warnings"), "near": "", "keys": listed(ACCEPTABLE)}
            findings.add("unknown_entry", item.spot(("accept", number)), key="accept", value=code, **of_codes)


def _check_payers(drafts: Mapping[str, Draft], findings: Findings) -> None:
    """Refuse public money that nobody pays, from the start or since a change, and money its receiver would pay."""
    for draft in drafts.values():
        found = unpaid(draft.head.payer or {}, ((draft.head.start, draft.terms), *draft.versions))
        if found is not None:
            month, message, values = found
            changed = [spot for key, spot in draft.change_spots.items() if key.endswith(f"@{month_text(month)}")]
            path = () if message == "missing_key" else ("payer",)
            spot = changed[0] if changed and not path else draft.item.spot(path)
            findings.add(message, spot, table=draft.item.label, **values)


def _target(chain: Chain, drafts: Mapping[str, Draft], item: Item, policy: str, findings: Findings) -> Draft | None:
    """Return the policy a change or stop names, or note that there is none."""
    if policy in drafts:
        return drafts[policy]
    known = list(dict.fromkeys(other.id for other in chain.of("policy")))
    if policy not in known and chain.complete:
        suggestion = near(policy, known, ('did you mean "{}"?', "是否想写“{}”？"))
        values = {"value": policy, "parent": chain.owners(), "known": listed(known), "near": suggestion}
        findings.add("no_policy", item.spot(("policy",)), what=item.label, **values)
    return None


def _apply_changes(chain: Chain, drafts: dict[str, Draft], findings: Findings) -> None:
    changes: list[tuple[Item, Change]] = []
    for item in chain.of("change"):
        table = check(Change, item.raw, item.named(), findings)
        if table is not None:
            changes.append((item, table))
        elif isinstance(item.raw.get("policy"), str):
            _target(chain, drafts, item, item.raw["policy"], findings)
    for item, change in sorted(changes, key=lambda pair: pair[1].from_):
        draft = _target(chain, drafts, item, change.policy, findings)
        if draft is None:
            continue
        if not _too_early(chain, draft, item, change.from_, findings):
            if change.from_ < draft.head.start or (draft.end is not None and change.from_ > draft.end):
                _outside(draft, item, change.from_, findings)
            else:
                _change(draft, item, change, findings)


def _too_early(chain: Chain, draft: Draft, item: Item, month: int, findings: Findings) -> bool:
    """Note a change or stop of an inherited policy that lies in reported months."""
    if draft.item.document is item.document or not chain.alters_the_past(item.document, month):
        return False
    chain.note_past("in_the_past", item.spot(("from",)), findings, item.label, month)
    return True


def _outside(draft: Draft, item: Item, month: int, findings: Findings) -> None:
    values = {
        "what": item.label,
        "month": month_text(month),
        "policy": draft.head.id,
        "start": month_text(draft.head.start),
        "end": month_text(draft.end) if draft.end is not None else words("last_month"),
    }
    findings.add("outside_policy", item.spot(("from",)), **values)


def _change(draft: Draft, item: Item, change: Change, findings: Findings) -> None:
    """Add the terms in force from the month of a change on."""
    head_keys = own_keys(PolicyHead)
    new: dict[str, Any] = {}
    for key, value in change.set.items():
        if key in head_keys:
            values = {"id": change.id, "key": key, "keys": listed(own_keys(type(draft.terms)))}
            findings.add("change_of_head", item.spot(("set", key)), **values)
        else:
            new[key] = value
    named = Named(
        f'policy "{draft.head.id}" (type {draft.head.type})',
        f"政策“{draft.head.id}”（{draft.head.type}）",
        "",
        lambda path: item.spot(("set", *path)),
    )
    current = draft.versions[-1][1] if draft.versions else draft.terms
    terms = amended(current, [((key,), value) for key, value in new.items()], named, findings)
    if terms is None:
        return
    if draft.versions and draft.versions[-1][0] == change.from_:
        draft.versions[-1] = (change.from_, terms)
    else:
        draft.versions.append((change.from_, terms))
    for key in new:
        draft.change_spots[f"policy.{draft.head.id}.{key}@{month_text(change.from_)}"] = item.spot(("set", key))


def _apply_stops(chain: Chain, drafts: dict[str, Draft], findings: Findings) -> None:
    for item in chain.of("stop"):
        stop = check(Stop, item.raw, item.named(), findings)
        policy = item.raw.get("policy")
        draft = _target(chain, drafts, item, policy, findings) if isinstance(policy, str) else None
        if stop is None or draft is None or _too_early(chain, draft, item, stop.from_, findings):
            continue
        if draft.end is not None and stop.from_ > draft.end:
            _outside(draft, item, stop.from_, findings)
            continue
        draft.end = stop.from_ - 1
        draft.change_spots[f"policy.{draft.head.id}.end"] = item.spot(("from",))
        draft.versions = [(month, terms) for month, terms in draft.versions if month <= draft.end]
        if draft.end < draft.head.start:
            del drafts[draft.head.id]  # stopped before it began: it is never in force
