"""The reporting filter: turns what a simulation holds into what an article would print."""

from __future__ import annotations

from sim.reporting.aims import Aim, Reach, aims_of, monthly_as_reported, reach
from sim.reporting.answers import Answer, NotAnswered, Question, answer, answers, growth_of_place, question
from sim.reporting.recipes import Recipe, Refusal, observable_of, recipe_for
from sim.reporting.standing import ABOUT, Standing, standing
from sim.reporting.truth import Truth, places_of_policies, truth_of, truth_of_arrays, truth_of_record

__all__ = [
    "ABOUT",
    "Aim",
    "Answer",
    "NotAnswered",
    "Question",
    "Reach",
    "Recipe",
    "Refusal",
    "Standing",
    "Truth",
    "aims_of",
    "answer",
    "answers",
    "growth_of_place",
    "monthly_as_reported",
    "observable_of",
    "places_of_policies",
    "question",
    "reach",
    "recipe_for",
    "standing",
    "truth_of",
    "truth_of_arrays",
    "truth_of_record",
]
