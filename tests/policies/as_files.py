"""A policy of every type as a scenario file says it, and what people write wrongly in it."""

from __future__ import annotations

from collections.abc import Mapping

BODIES: Mapping[str, str] = {
    "fund": """\
annual_budget = "200 million yuan"
pays_for = "equipment"
grant_share = "20%"
cap_per_firm = "5 million yuan"
firm_co_finance_at_least = "50%"
call_months = [3, 8]
paid = { when = "after_acceptance", lag_months = 6 }
unspent = "carry_over"
[policy.eligible]
revenue_at_least = "20 million yuan"
[policy.allocation]
rule = "score"
weights = { expected_jobs = 0.5, automation = 0.5 }
""",
    "park": """\
build_cost = "60 million yuan"
plots = 40
plot_area = "10 mu"
rent = "12 yuan/m2/month"
phases = [ { opens = "2026-06", plots = 40 } ]
[policy.treatment]
what = "pickling"
capacity = "900 t/day"
removes = "90%"
fee = "18 yuan/t"
[policy.admission]
rule = "first_come"
must_close_old_site = true
""",
    "fair": """\
every = { month = 3 }
booths = 60
exhibitors = "any"
booth_fee = "4000 yuan"
booth_subsidy = "50%"
domestic_buyers_invited = 200
foreign_buyers_invited = 60
countries = 60
travel_subsidy = "1000 yuan/buyer"
organising_cost = "500000 yuan/year"
""",
    "exhibition": """\
every = { month = 4 }
firms_sent = 30
stand_subsidy = "60%"
countries = 6
""",
    "digital_platform": """\
services = ["purchasing", "transactions"]
set_up_cost = "20 million yuan"
run_cost = "4 million yuan/year"
joining_cost = "20000 yuan/firm"
""",
    "training": """\
seats = "600 persons/year"
skills = ["process"]
cost = "3000 yuan/person"
tuition_subsidy = "50%"
""",
    "designation": """\
level = "nation"
scope = "firms"
honour = "little_giant"
count = 5
select = "score"
weights = { growth = 0.4, upgrades = 0.6 }
""",
    "project": """\
projects = 15
value = "10.22 billion yuan"
build_months = 18
""",
    "upgrade_drive": """\
firms = 112
focus = ["smart"]
""",
    "research_partnership": """\
partners = 3
projects_per_year = 12
cost = "300000 yuan"
firm_share = "50%"
""",
    "brand_design": """\
firms_per_year = 12
cost_per_firm = "200000 yuan/firm"
subsidy = "50%"
select = "lottery"
""",
    "cloud_drive": """\
firms = 800
workshops = 25
""",
    "dealer_network": """\
dealers = 50
outlets = 100
countries = 20
firms = "any"
outlet_cost = "30000 yuan/year"
""",
    "trade_park": """\
kind = "logistics"
build_cost = "5 million yuan"
plots = 50
rent = "3000 yuan/year"
""",
}
"""Terms as written below the head of a policy."""
UNPAID = frozenset({"designation", "project", "upgrade_drive", "cloud_drive", "dealer_network"})
"""Types that spend no public money unless their terms say so."""

HEAD = """\
[[policy]]
id = "new"
type = "{kind}"
name = "New"
start = "2026-01"
source = "hypothetical"
{payer}"""


def written_policy(kind: str, old: str = "", new: str = "") -> str:
    """Return a policy of a type as a file says it, with the first ``old`` in its terms written as ``new``."""
    assert old in BODIES[kind]
    payer = "" if kind in UNPAID else 'payer = "county"\n'
    return HEAD.format(kind=kind, payer=payer) + BODIES[kind].replace(old, new, 1)
