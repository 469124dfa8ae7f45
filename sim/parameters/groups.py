"""The parameters by subject, as the rules receive them. Values, units and sources: ``calibration/priors.toml``."""

from __future__ import annotations

from typing import NamedTuple


class Tier(NamedTuple):
    """Cost structure of a tier, as shares of revenue at the base price."""

    labour_share: float
    overhead_share: float
    capital_output_ratio: float
    markup: float


class Production(NamedTuple):
    """Technology shared by all firms."""

    labour_elasticity: float
    depreciation: float
    normal_use: float
    localisation_elasticity: float
    local_input_share: float
    steel_share: float
    common_progress: float
    backlog_months: float
    putting_out: float
    overhead_labour_share: float
    service_memory: float


class Pricing(NamedTuple):
    """How prices follow cost and capacity use."""

    cost_pass_through: float
    markup_use_response: float
    markup_reversion: float
    fee_share: float
    material_lag_months: float


class Demand(NamedTuple):
    """How buyers spread their budgets."""

    elasticity_suppliers: float
    elasticity_outside: float
    elasticity_total: float
    service_elasticity: float
    match_dispersion: float
    budget_noise_year: float
    budget_noise_month: float
    budget_tail_index: float
    trader_share: float
    trial_weight: float
    trial_months: float
    slots_per_buyer: float
    piece_quality: float
    january_february: float
    relative_growth: float
    relative_growth_abroad: float
    relative_growth_years: float


class Links(NamedTuple):
    """How links between buyers and firms last and are replaced."""

    domestic_survival: float
    foreign_survival: float
    service_response: float
    trial_acceptance: float
    visibility_elasticity: float
    quality_visibility: float
    considered: float
    same_county: float
    entrant_looks: float
    honour_visibility: float
    visible_elasticity: float
    young_effort: float
    young_years: float


class Investment(NamedTuple):
    """Machines and their finance."""

    user_cost_elasticity: float
    response_years: float
    band: float
    smallest_machine: float
    resale_share: float
    loan_rate: float
    collateral_share: float
    repayment_months: float
    cash_buffer_months: float
    dividend_rate: float
    expectation_speed: float
    wait_months: float
    project_buffer_share: float
    least_part: float
    selling_months: float
    bank_access_capital: float
    small_collateral: float
    small_loan_premium: float
    award_lending: float


class Technology(NamedTuple):
    """The ladder of techniques, learning and imitation."""

    frontier_rungs: float
    rung_productivity: float
    rung_labour_saving: float
    rung_quality: float
    upgrade_cost_share: float
    required_return: float
    perception_dispersion: float
    awareness: float
    neighbour_awareness: float
    park_awareness: float
    fair_awareness: float
    success_rate: float
    productivity_dispersion: float
    productivity_reversion: float
    rungs_at_once: float
    upgrade_capacity_share: float
    development_share: float
    brand_fading: float
    lead_shock: float
    awareness_size_elasticity: float
    widest_gap: float


class Labour(NamedTuple):
    """The county labour pool."""

    supply_elasticity: float
    hiring_speed: float
    firing_speed: float
    wage_response: float
    wage_cuts: float
    vacancy_pool: float
    backlog_clearing: float
    reserve: float


class Turnover(NamedTuple):
    """Entry and exit."""

    hazard_year_1: float
    hazard_year_2: float
    hazard_year_3: float
    hazard_years_4_7: float
    hazard_later: float
    hazard_size_elasticity: float
    idle_use: float
    idle_hazard: float
    entry_profit_elasticity: float
    entry_cost_elasticity: float
    candidates_per_entry: float
    entrant_size: float
    entrant_dispersion: float
    founding_cash: float
    park_entry_discount: float
    overdraft_months: float
    small_trade_credit: float
    usual_margin: float
    parent_weight: float
    entrant_noise: float


class Favour(NamedTuple):
    """How a firm's favour with buyers differs and moves: what it is worth to them beyond price, quality and service."""

    size_share: float
    jumps_a_year: float
    shock: float
    shock_size_elasticity: float
    reversion: float
    follow_months: float


class Tax(NamedTuple):
    """Taxes and who receives them."""

    vat: float
    vat_small: float
    small_taxpayer_revenue: float
    surcharge: float
    income_tax: float
    income_tax_small: float
    small_profit: float
    county_share: float


class Environment(NamedTuple):
    """Waste water and its control outside a park."""

    discharge: float
    discharge_dispersion: float
    untreated_share: float
    inspection_rate: float
    own_treatment_cost: float
    closure_cost_share: float


class Park(NamedTuple):
    """What a firm weighs before it moves to a park."""

    rent_share: float
    capital_per_plot: float
    smallest_plot: float
    moving_cost_share: float
    planning_years: float
    move_rate: float
    initial_occupancy: float
    partial_move_share: float
    relocation_rate: float
    relocation_plots: float
    relocation_spread: float
    customers_kept: float
    reuse_years: float
    land_price: float


class Fair(NamedTuple):
    """Contacts at fairs and exhibitions."""

    booths_per_exhibitor: float
    visits_per_buyer: float
    attendance: float
    domestic_attendance_cost: float
    foreign_attendance_cost: float
    attendance_cost_response: float
    signal_noise: float
    buying_share: float
    intention_months: float
    contract_share: float
    additional_slots: float
    stand_cost_abroad: float
    contacts_abroad: float
    exhibit_margin: float
    visits_abroad: float
    success_memory: float
    interest_decline: float
    invitation_cost_share: float


class Government(NamedTuple):
    """County and province accounts for industrial programmes."""

    programme_share: float
    other_receipts: float
    carry_over_share: float
    province_balance_share: float
    province_receipts_share: float
    acceptance_months: float
    park_expansion_occupancy: float
    park_expansion_share: float


class Platform(NamedTuple):
    """What a digital platform saves its members, and how buyers look around on it."""

    join_rate: float
    purchase_saving: float
    half_saving_revenue: float
    delivery_part: float
    credit_part: float
    service_awareness: float
    failures_avoided: float
    domestic_lookers: float
    foreign_lookers: float
    looks: float
    showings: float
    order_hope: float


class Cloud(NamedTuple):
    """Firms that take their software from the cloud."""

    yearly_fee: float
    office_saving: float
    ask_rate: float
    cloud_awareness: float
    workshop_awareness: float


class Dealers(NamedTuple):
    """Standing contacts through dealers and outlets."""

    dealer_contacts: float
    outlet_contacts: float
    selling_share: float
    covered_visits: float
    samples: float


class TradePark(NamedTuple):
    """Logistics parks and parks for trade over the internet."""

    tenant_rate: float
    delivery_saving: float
    shop_lookers: float
    shop_showings: float
    shop_hope: float


class Training(NamedTuple):
    """What training a worker is worth, to whom, and how long it lasts."""

    trained_gain: float
    wage_pass_through: float
    attrition: float
    stay_years: float
    send_share: float
    weeks_away: float
    failures_cut: float
    trade_renown: float


class Research(NamedTuple):
    """Joint projects of firms with institutes, and what firms learn from them."""

    projects_per_partner: float
    firms_per_partner: float
    project_months: float
    project_success: float
    project_quality: float
    failures_helped: float
    contact_fading: float


class Drive(NamedTuple):
    """Visits to makers in an organised upgrade drive."""

    drive_months: float
    failures_spared: float
    emission_cut: float


class Design(NamedTuple):
    """Design service for firms, and the brand of the place."""

    design_months: float
    design_success: float
    design_quality: float
    campaign_renown: float
    campaign_scale: float
    award_visibility: float


class Designation(NamedTuple):
    """Applications for a designation, and what the name alone does."""

    application_cost: float
    application_chance: float
    imitation: float
    name_pull: float
    name_renown: float


class Project(NamedTuple):
    """Investment projects from the signature to a plant that has its customers."""

    start_share: float
    realised_share: float
    patience_months: float
    project_tail_index: float
    project_size_range: float
    build_spread: float
    sales_months: float
    sales_effort: float


class Start(NamedTuple):
    """The state before the burn-in months."""

    settle_months: float
    leverage: float
    cash_months: float
    above_scale_truncation: float
    body_dispersion: float
    service_dispersion: float
    size_productivity: float
    own_scale_revenue: float
    foreign_linked_share: float
    budget_range: float
    domestic_fill: float
    emission_sites: float
    awareness: float


class Parameters(NamedTuple):
    """All parameters of the model."""

    maker: Tier
    supplier: Tier
    trader: Tier
    production: Production
    pricing: Pricing
    demand: Demand
    links: Links
    investment: Investment
    technology: Technology
    labour: Labour
    turnover: Turnover
    favour: Favour
    tax: Tax
    environment: Environment
    park: Park
    fair: Fair
    government: Government
    platform: Platform
    cloud: Cloud
    dealers: Dealers
    trade_park: TradePark
    training: Training
    research: Research
    drive: Drive
    design: Design
    designation: Designation
    project: Project
    start: Start
