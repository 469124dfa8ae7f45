"""The reporting filter: turns what a simulation holds into what an article would print."""

from __future__ import annotations

from sim.reporting.aims import Reach, monthly_as_reported, reach, reach_of_fact
from sim.reporting.answers import Answer, NotAnswered, Question, answer, answers, question
from sim.reporting.recipes import Recipe, Refusal, observable_of, recipe_for
from sim.reporting.standing import ABOUT, Standing, standing
from sim.reporting.truth import Truth, truth_of, truth_of_arrays, truth_of_record

__all__ = [
    "ABOUT",
    "Answer",
    "NotAnswered",
    "Question",
    "Reach",
    "Recipe",
    "Refusal",
    "Standing",
    "Truth",
    "answer",
    "answers",
    "monthly_as_reported",
    "observable_of",
    "question",
    "reach",
    "reach_of_fact",
    "recipe_for",
    "standing",
    "truth_of",
    "truth_of_arrays",
    "truth_of_record",
]
