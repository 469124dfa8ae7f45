"""What is known to fall short of what a test asks, and by what: strict expected failures, listed in one place.

A test that comes to pass fails until its line is gone.
"""

from __future__ import annotations

KNOWN = {
    "tests/test_acceptance.py": {
        "test_loss_making_share[one to one]": (
            "with assumed values 34 % of makers of Yongnian lose money, 18 to 30 % were published"
        ),
        "test_a_still_world_keeps_ratios_in_their_ranges_for_ten_years[one to one]": (
            "with assumed values up to 40 % of makers lose money in a still world"
        ),
        "test_what_hangs_on_single_small_firms_moves_by_a_quarter_at_most[20-loss_making_share]": (
            "in groups of 20 22 % of makers lose money, one to one 31 %"
        ),
        "test_a_still_world_leaves_the_rest_of_the_size_about_where_it_is[one to twenty-exports]": (
            "in groups of 20 exports fall by a fifth in ten years of a still world"
        ),
        "test_above_scale_firms_of_a_still_world_level_off[one to twenty]": (
            "in groups of 20 they become a tenth fewer in ten years"
        ),
    },
    "tests/policies/test_upgrade_drive.py": {
        "test_uptake_is_that_of_free_advice": (
            "61 % of makers take up what a drive shows them, 5 to 40 % were seen elsewhere (recalled)"
        ),
    },
    "tests/policies/test_first_year.py": {
        "test_the_usual_policy_moves_its_first_year_little[exhibition]": (
            "an exhibition abroad moves 0.55 % of output in its first year, half a percent is the guard"
        ),
    },
    "tests/policies/test_trade_park.py": {
        "test_the_first_year_stays_below_the_arithmetic_ceiling": (
            "shops move 9.7 million yuan where 6.7 million went through them and 2.2 million are allowed for chance"
        ),
    },
    "tests/validation/test_unseen.py": {
        "test_figures_of_the_model_itself_are_covered_as_they_should_be": (
            "37 of 48 figures of the model itself lie inside its 90 % bands, 38 are asked for"
        ),
    },
    "tests/test_shared_markets.py": {
        "test_a_place_may_report_an_earlier_year": (
            "wages of four years on are 5.05 % off those of the world, 5 % are allowed"
        ),
    },
}
