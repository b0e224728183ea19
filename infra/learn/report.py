"""What was learnt, as a page to read and as a method file to review."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import yaml

from infra.learn.examples import Cost, Examples
from infra.learn.model import FOLDS, CrossValidation
from infra.learn.weights import Gain, Pair, Weights, fit
from shared.method.peer_groups import NearestGroup


class Learnt(NamedTuple):
    """Everything that a report says. `weights` is None if none were learnt, and `refused` then says why.

    `kept`: by code, the share of the peers by equal weights that the learnt weights keep.
    """

    group_id: str
    group: NearestGroup
    cost_name: str
    cost: Cost
    examples: Examples
    trials: Sequence[CrossValidation]
    gain: Gain
    pairs: Sequence[Pair]
    weights: Weights | None = None
    kept: "pd.Series[float] | None" = None
    refused: str = ""

    @property
    def seeds(self) -> str:
        """The first to the last seed."""
        return f"{self.trials[0].seed} to {self.trials[-1].seed}"


def weighted(learnt: Learnt) -> NearestGroup:
    """The group with the learnt weights, without the variables whose weight is 0."""
    assert learnt.weights is not None
    variables = tuple(
        variable.model_copy(update={"weight": float(weight)})
        for variable, weight in zip(learnt.group.variables, learnt.weights.weight, strict=True)
        if weight > 0
    )
    return learnt.group.model_copy(
        update={
            "variables": variables,
            "title": f"{learnt.group.title}, weighted for {learnt.cost_name}",
            "explanation": f"Like {learnt.group_id}, but each characteristic has the weight with which it helps to "
            f"predict {learnt.cost_name} ({learnt.cost.title}) of an organisation that the model has not seen.",
            "source": f"Learnt by headroom learn-weights from {learnt.cost_name} of {learnt.cost.period} and the "
            f"characteristics of {learnt.examples.period}, seeds {learnt.seeds}",
        }
    )


def method_file(learnt: Learnt) -> str:
    """The weighted group as a document of a method, with what a reviewer has to know at its head."""
    group = weighted(learnt)
    overall = _over_seeds(learnt)
    left_out = [variable.measure for variable in learnt.group.variables if variable.measure not in _measures(group)]
    head = [
        "Learnt by headroom learn-weights. Review it with its report before it becomes part of a method.",
        f"Out of sample, {len(learnt.examples.codes)} organisations: R² {overall['r_squared']:.2f}; mean absolute "
        f"error {overall['error']:.4g} {learnt.cost.unit}, against {overall['error_of_median']:.4g} for the median.",
        f"Left out, since they did not help to predict: {', '.join(left_out) or 'none'}.",
    ]
    content = {
        f"{learnt.group_id}_by_{learnt.cost_name.replace('.', '_')}": group.model_dump(
            mode="json", exclude_defaults=True
        )
        | {"kind": "nearest"}
    }
    body = yaml.safe_dump(
        {"peer_groups": content}, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
    )
    return "".join(f"# {line}\n" for line in head) + body


def _measures(group: NearestGroup) -> set[str]:
    return {variable.measure for variable in group.variables}


def page(learnt: Learnt) -> str:
    """The report, as Markdown: all of it."""
    return "\n".join([*_summary(learnt), *_folds(learnt), *_each(learnt)]) + "\n"


def summary(learnt: Learnt) -> str:
    """The report without its long tables."""
    return "\n".join(_summary(learnt))


def _summary(learnt: Learnt) -> Iterator[str]:
    examples, unit, gain = learnt.examples, learnt.cost.unit, learnt.gain
    yield f"# Weights of {learnt.group_id} for {learnt.cost_name}"
    yield ""
    yield (
        f"No weights were written: {learnt.refused}"
        if learnt.refused
        else "Weights were written. They say what helps to predict the cost, not what causes it."
    )
    yield ""
    yield f"- Cost: {learnt.cost.title}, in {unit}, {learnt.cost.period}."
    yield f"- Characteristics: {len(learnt.group.variables)} of {examples.period}."
    yield (
        f"- Organisations: {len(examples.codes)} with both; {examples.without_cost} with characteristics and without a "
        "usable cost."
    )
    yield f"- {FOLDS} folds with each of the seeds {learnt.seeds}."
    yield ""
    yield "## How well the cost is predicted out of sample"
    yield ""
    yield from _table(
        ("seed", "R²", "mean absolute error", "that of the median"),
        [(str(one.seed), *_figures(learnt, one)) for one in learnt.trials],
    )
    yield ""
    yield (
        f"On average the error is smaller than the median's by {gain.mean:.4g} {unit} "
        f"(95% interval {gain.low:.4g} to {gain.high:.4g})."
    )
    if learnt.weights is not None:
        yield from _weights(learnt, learnt.weights)
    if learnt.pairs:
        yield from _pairs(learnt)
    if learnt.kept is not None and len(learnt.kept):
        yield from _kept(learnt.kept)


def _weights(learnt: Learnt, weights: Weights) -> Iterator[str]:
    columns = (weights.weight, weights.lowest, weights.highest)
    rows = zip(learnt.group.variables, *columns, strict=True)
    ordered = sorted(rows, key=lambda row: (-row[1], row[0].measure))
    yield from ("", "## Weights", "")
    yield from _table(
        ("characteristic", "weight", "lowest over seeds", "highest"),
        [
            (variable.measure, f"{weight:.3f}" if weight else "left out", f"{low:.3f}", f"{high:.3f}")
            for variable, weight, low, high in ordered
        ],
    )
    yield ""
    yield f"Rank correlation of the importances between two seeds, on average: {weights.agreement:.2f}."
    unsure = [row[0].measure for row in ordered if row[1] > 0 and row[2] == 0]
    if unsure:
        yield f"With some seeds these do not help at all: {', '.join(unsure)}."


def _pairs(learnt: Learnt) -> Iterator[str]:
    names = [variable.measure for variable in learnt.group.variables]
    yield from ("", "## Correlated characteristics", "")
    yield "Importance is divided between these by chance, and each seems less important than both are together."
    yield ""
    yield from _table(
        ("characteristic", "and", "rank correlation"),
        [(names[pair.one], names[pair.other], f"{pair.correlation:.2f}") for pair in learnt.pairs],
    )


def _kept(kept: "pd.Series[float]") -> Iterator[str]:
    least, lower, middle, upper, most = np.quantile(kept, [0, 0.25, 0.5, 0.75, 1])
    yield from ("", "## Peers, compared with equal weights", "")
    yield (
        f"On average {kept.mean():.0%} of an organisation's peers stay ({len(kept)} organisations; least {least:.0%}, "
        f"quartiles {lower:.0%}, {middle:.0%} and {upper:.0%}, most {most:.0%})."
    )


def _folds(learnt: Learnt) -> Iterator[str]:
    yield from ("", "## Folds", "")
    yield from _table(
        ("seed", "fold", "organisations", "R²", "mean absolute error", "that of the median"),
        [
            (str(one.seed), str(fold + 1), str(int((one.fold == fold).sum())), *_figures(learnt, one, fold))
            for one in learnt.trials
            for fold in range(FOLDS)
        ],
    )


def _each(learnt: Learnt) -> Iterator[str]:
    if learnt.kept is not None:
        yield from ("", "## Peers kept by each organisation", "")
        yield from _table(("code", "kept"), [(str(code), f"{share:.0%}") for code, share in learnt.kept.items()])


def _figures(learnt: Learnt, one: CrossValidation, fold: int | None = None) -> tuple[str, str, str]:
    chosen = slice(None) if fold is None else one.fold == fold
    result = fit(learnt.examples.cost[chosen], one.predicted[chosen], one.median[chosen])
    return f"{result.r_squared:.2f}", f"{result.error:.4g}", f"{result.error_of_median:.4g}"


def _over_seeds(learnt: Learnt) -> dict[str, float]:
    fits = pd.DataFrame([fit(learnt.examples.cost, one.predicted, one.median) for one in learnt.trials])
    return {str(name): float(mean) for name, mean in fits.mean().items()}


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield "|---" * len(header) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
