"""What if: an opportunity recomputed with the caller's figures, next to the published one. Nothing is stored."""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from functions.api.changes.rules import Benchmarks, OpportunityRules
from functions.api.changes.side import State
from functions.api.explain import sentences
from functions.api.http.bodies import WhatIfBody
from functions.api.http.problems import BadBody, NotFound
from functions.api.http.queries import Query
from functions.api.lines import chosen_values, comparators, expression_units, line, values_among
from functions.api.lookup import definition_of, resolve_trust, row_of
from functions.api.release import Release, Row
from functions.api.schemas.figures import Comparator, Comparators, WhatIfAnswer, WhatIfResult
from shared.formatting import amount, counted, span
from shared.method.measures import Metric
from shared.method.names import Organisation, capital
from shared.method.opportunities import EXPRESSIONS, NATIONAL, TARGET
from shared.statuses import OpportunityStatus

FEW = 5
"""A benchmark from fewer comparators than this gets a caution."""


class _Benchmark(NamedTuple):
    """Both benchmarks, their comparators (None for a target), and a phrase for the sentence. `itself`: the organisation
    is one of the comparators."""

    benchmarks: Benchmarks
    comparators: Comparators | None
    words: str
    itself: bool = False


def what_if(release: Release, query: Query, body: WhatIfBody, code: str, opportunity_id: str) -> WhatIfAnswer:
    """An opportunity recomputed with the caller's own figures, target, comparators or prices."""
    trust = resolve_trust(release, code)
    definition = definition_of(release, opportunity_id)
    if trust.answered_for is None:
        raise NotFound(trust.words or "", suggestions=[dict(one) for one in trust.successors])
    row = row_of(release, trust.answered_for, opportunity_id)
    metric, rules = release.method.metrics[definition.metric], release.compared.rules(opportunity_id)
    numerator, denominator = _sums(row, body, metric)
    value = metric.scale * numerator / denominator
    against = _benchmark(release, row, body, metric, rules, value)
    per_unit, organisation = _per_unit(release, row, body), release.programme_of(row.get("level")).organisation
    state = State(value, denominator / metric.scale, against.benchmarks, per_unit, metric.lower_is_better)
    known = {name: figure for name, figure in state.figures.items() if figure == figure}
    cautions = [
        *_cautions(organisation, body, metric, denominator, against),
        sentences.DO_NOT_ADD,
        sentences.SUPPOSED,
    ]
    return WhatIfAnswer.of(
        trust,
        definition=definition,
        published=line(release, row),
        supposed=WhatIfResult.model_validate(
            {
                "status": OpportunityStatus.OPPORTUNITY if known["units_upper"] > 0 else OpportunityStatus.AT_OR_BETTER,
                "value": value,
                "value_unit": metric.unit,
                "numerator": numerator,
                "numerator_unit": metric.numerator_unit,
                "denominator": denominator,
                "denominator_unit": metric.denominator_unit,
                "benchmark_lower": against.benchmarks[0],
                "benchmark_upper": against.benchmarks[1],
                "unit": row["unit"],
                "comparators": against.comparators,
                "prices": {name: body.prices.get(name, release.method.prices[name].value)
                           for name in definition.price_ids()},
                "words": f"{amount(value, metric.unit)} {against.words}: a gain of "
                f"{span(known['units_lower'], known['units_upper'], row['unit'])}.",
            }
            | expression_units(definition)
            | known
        ),
        cautions=cautions,
    )  # fmt: skip


def _sums(row: Row, body: WhatIfBody, metric: Metric) -> tuple[float, float]:
    sums = []
    for name, supplied, unit in (
        ("numerator", body.numerator, metric.numerator_unit),
        ("denominator", body.denominator, metric.denominator_unit),
    ):
        figure = row[name] if supplied is None else supplied
        if figure is None or (name == "denominator" and figure <= 0):
            raise BadBody(f"The release has no usable {name} here. Supply {name} (unit: {unit}).", field=name)
        sums.append(float(figure))
    return sums[0], sums[1]


def _supposes_a_value(body: WhatIfBody) -> bool:
    return body.numerator is not None or body.denominator is not None


def _benchmark(
    release: Release, row: Row, body: WhatIfBody, metric: Metric, rules: OpportunityRules, value: float
) -> _Benchmark:
    own, organisation = str(row["trust_code"]), release.programme_of(row.get("level")).organisation
    if body.target is not None:
        return _Benchmark((body.target, body.target), None, f"against a target of {amount(body.target, metric.unit)}")
    if not metric.comparable:
        raise BadBody(f"{sentences.not_comparable(organisation)} Supply target.", field="target")
    chosen = body.comparators is not None or body.group is not None
    moved = rules.including_itself and _supposes_a_value(body)
    if row["comparator"] == TARGET or (row["benchmark_upper"] is not None and not chosen and not moved):
        if row["benchmark_upper"] is None or chosen:
            raise BadBody("This opportunity has a target instead of comparators. Supply target.", field="target")
        benchmarks = (row["benchmark_lower"], row["benchmark_upper"])
        published = comparators(release, row)
        itself = published is not None and own in {one.trust_code for one in published.trusts}
        return _Benchmark(benchmarks, published, "against the published benchmark", itself)
    others = _comparators(release, row, body, metric, value)
    codes = {one.trust_code for one in others.trusts}
    if not codes - {own}:
        raise BadBody(f"None of the {organisation.many} to compare with has a comparable value.", field="comparators")
    benchmarks = rules.benchmarks([one.value for one in others.trusts])
    words = sentences.compared_with(others.count, organisation, itself=own in codes)
    return _Benchmark(benchmarks, others, f"against {words}", own in codes)


def _comparators(release: Release, row: Row, body: WhatIfBody, metric: Metric, value: float) -> Comparators:
    """The trusts that the caller chose, or those of the row, if they have a value for the opportunity's metric and
    window; and the trust itself with the supposed `value`, if the method says so."""
    own, organisation = str(row["trust_code"]), release.programme_of(row.get("level")).organisation
    if row["period_end"] is None:
        raise BadBody(
            f"No accepted file has this data, so there are no {organisation.many} to compare with. Supply target."
        )
    definition = release.method.opportunities[row["opportunity_id"]]
    readings = release.comparable(definition.metric, row["period_start"], row["period_end"], row.get("level"))

    def values_of(members: Set[str] | None) -> Mapping[str, float]:
        values = values_among(readings, own, members)
        return {**values, own: value} if own in values or _supposes_a_value(body) else values

    if body.comparators is not None:
        codes = {code.upper() for code in body.comparators} - {own}
        held = chosen_values(definition, own, values_of(codes), codes)
        unknown = sorted(codes - held.keys())
        if unknown:
            names = ", ".join(one for one in unknown if one in release.trusts) or "some of the comparators"
            raise BadBody(f"There is no comparable value for {names}.", field="comparators")
        title, group_id, period = f"{capital(organisation.many)} chosen by the caller", "given", None
    else:
        group_id = body.group or (row["comparator"] if row["benchmark_upper"] is not None else definition.comparator)
        if group_id not in release.method.peer_groups:
            known = [*release.method.peer_groups]
            raise BadBody(
                f"There is no such peer group. The groups are: {', '.join(known)}.", field="group", known=known
            )
        members = None if group_id == NATIONAL else release.members(group_id, own, row["period_end"])
        held = chosen_values(definition, own, values_of(members), members)
        group_period = release.group_period(group_id, row.get("level"), row["period_end"])
        title, period = release.group(group_id).title, group_period.label if group_period else None
    others = [Comparator.model_validate(release.names(one) | {"value": figure}) for one, figure in held.items()]
    ordered = tuple(sorted(others, key=lambda one: (one.value, one.trust_code)))
    return Comparators(
        group_id=group_id, title=title, period=period, count=len(others), unit=metric.unit, trusts=ordered
    )


def _per_unit(release: Release, row: Row, body: WhatIfBody) -> Mapping[str, float]:
    """The amount per unit for each expression (cash, activity, staff), at the caller's prices."""
    definition, prices = release.method.opportunities[row["opportunity_id"]], release.method.prices
    used: Sequence[str] = definition.price_ids()
    if unknown := [name for name in body.prices if name not in used]:
        uses = f"It uses: {', '.join(used)}." if used else "It uses none."
        detail = f"This opportunity does not use {len(unknown)} of the prices sent. {uses}"
        raise BadBody(detail, field="prices", known=[*used])
    per_unit: dict[str, float] = {}
    for kind in EXPRESSIONS:
        if row[f"{kind}_per_unit"] is None:
            continue
        factor: float = row[f"{kind}_per_unit"]
        for step in definition.steps(kind):
            if step.price in body.prices:
                ratio = body.prices[step.price] / prices[step.price].value
                factor *= ratio if step.times else 1 / ratio
        per_unit[kind] = factor
    return per_unit


def _cautions(
    organisation: Organisation, body: WhatIfBody, metric: Metric, denominator: float, against: _Benchmark
) -> list[str]:
    cautions = []
    if metric.minimum_denominator is not None and denominator < metric.minimum_denominator:
        least = counted(metric.minimum_denominator, metric.denominator_unit)
        cautions.append(f"The method does not compare {organisation.many} that have less than {least}.")
    if against.comparators is not None and against.comparators.count < FEW:
        few = sentences.compared_with(against.comparators.count, organisation, itself=against.itself)
        cautions.append(f"A benchmark from only {few} is unreliable.")
    if _supposes_a_value(body):
        cautions.append("Your figures must cover the same period and use the same definitions as the published ones.")
    return cautions
