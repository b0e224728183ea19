"""Derived measures: sums of the columns of a row."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

import numpy as np

from functions.ingest.conform.header import ColumnPlan, did_you_mean
from functions.ingest.conform.parse import FAULTY, MISSING, NOT_APPLICABLE, SUPPRESSED, VALUE, Floats, States
from shared.findings import Findings, listed, quoted
from shared.method.contracts import Dataset, Derived, Way, heading_key

type Column = tuple[Floats, States]


def applying(contract: Dataset, plan: ColumnPlan, findings: Findings) -> dict[str, Way]:
    """Derived measure → the first of its ways that applies to a file with these columns, without parts that it lacks.

    A warning where the file has a column that belongs to the sum but that the contract does not name.
    """
    columns = plan.measures
    ways: dict[str, Way] = {}
    for name, rule in contract.derived.items():
        way = rule.way(columns)
        if way is None:
            findings.add("warning", "no_way", _no_way(name, rule, contract, plan), row=plan.first_line - 1)
            continue
        stated = len(way.sum) == 1 and not way.of  # a total: its parts may be there too
        parts = columns if stated else (*way.sum, *way.also)
        named = {columns[part].at for part in parts if part in columns}
        unknown = [
            title
            for at, title in enumerate(plan.titles)
            if at not in named and any(fnmatchcase(heading_key(title), heading_key(each)) for each in rule.covers)
        ]
        if unknown:
            text = (
                f"{listed([quoted(title) for title in unknown], 5)} seems to be part of {name}, but the contract does "
                f"not name it. {name} is not computed for this file, since it would be too small. Ask the operators to "
                "have the contract changed."
            )
            findings.add("warning", "unknown_part", text, row=plan.first_line - 1)
        else:
            ways[name] = way.model_copy(update={"also": tuple(part for part in way.also if part in columns)})
    return ways


def _no_way(name: str, rule: Derived, contract: Dataset, plan: ColumnPlan) -> str:
    """The sentence about a measure for which the file lacks columns: those of the way that lacks the smallest
    share of its own."""
    lacking = {way.needs: [part for part in way.needs if part not in plan.measures] for way in rule.ways}
    nearest = min(lacking, key=lambda needs: len(lacking[needs]) / len(needs))
    places = [contract.measures[part] for part in lacking[nearest]]
    named = {column.at for column in plan.measures.values()}
    others = [title for at, title in enumerate(plan.titles) if at not in named]
    similar = did_you_mean([key for place in places for key in place.keys], others)
    return (
        f"{rule.title} cannot be computed, since the file lacks {listed([quoted(place.title) for place in places], 5)}"
        f"{similar}; figures computed from {name} will have no data."
    )


def derived(way: Way, numbers: Mapping[str, Column]) -> Column:
    """A derived measure's figures and states (n each).

    Parts that do not apply are left out. A missing or suppressed part makes the sum so; a faulty one has its finding.
    """
    columns = [numbers[name] for name in (*way.sum, *way.also)]
    values, states = (np.stack(part) for part in zip(*columns, strict=True))
    total = np.where(states == VALUE, values, 0.0).sum(axis=0)
    state = _state(states)
    if way.of:
        base, base_state = numbers[way.of]
        state = np.where(state == VALUE, base_state, state)
        total = way.times * total * np.where(base_state == VALUE, base, np.nan)
    else:
        total = way.times * total
    return np.where(state == VALUE, total, np.nan), state


def _state(states: States) -> States:
    """The state of each sum of parts (m × n)."""
    state = np.where((states == NOT_APPLICABLE).all(axis=0), np.int8(NOT_APPLICABLE), np.int8(VALUE))
    for worse in (MISSING, FAULTY, SUPPRESSED):
        state = np.where((states == worse).any(axis=0), np.int8(MISSING if worse == FAULTY else worse), state)
    return state
