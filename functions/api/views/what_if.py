"""What if: an opportunity computed again with local figures, beside the published one. Nothing is stored."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from functions.api.changes.rules import Benchmarks, OpportunityRules
from functions.api.changes.side import State
from functions.api.explain import sentences
from functions.api.http.bodies import WhatIf
from functions.api.http.problems import BadBody, NotFound
from functions.api.http.queries import NoQuery
from functions.api.lines import comparators, line
from functions.api.lookup import definition_of, resolve_trust, row_of
from functions.api.release import Release, Row
from functions.api.schemas.figures import Comparator, Comparators, Supposed, WhatIfAnswer
from shared.formatting import amount, counted, span, trusts
from shared.method.measures import Metric
from shared.method.opportunities import EXPRESSIONS, NATIONAL, TARGET

FEW = 5


class _Benchmark(NamedTuple):
    """Both benchmarks, who stands behind them (None for a target), and what to say of them."""

    benchmarks: Benchmarks
    comparators: Comparators | None
    words: str


def what_if(release: Release, query: NoQuery, body: WhatIf, code: str, opportunity_id: str) -> WhatIfAnswer:
    """An opportunity with other figures than the published: own ones, a target, own comparators, other prices."""
    asked = resolve_trust(release, code)
    described = definition_of(release, opportunity_id)
    if asked.answered_for is None:
        raise NotFound(asked.words or "", suggestions=[one.trust_code for one in asked.successors])
    row = row_of(release, asked.answered_for, opportunity_id)
    metric, rules = release.method.metrics[described.metric], release.compared.rules(opportunity_id)
    numerator, denominator = _sums(row, body, metric)
    value = metric.scale * numerator / denominator
    against = _benchmark(release, row, body, metric, rules)
    per_unit = _per_unit(release, row, body)
    state = State(value, denominator / metric.scale, against.benchmarks, per_unit, metric.lower_is_better)
    known = {name: figure for name, figure in state.figures.items() if figure == figure}
    units = {f"{kind}_unit": route and route.unit for kind in EXPRESSIONS for route in [described.routes.get(kind)]}
    cautions = [*_cautions(body, metric, denominator, against.comparators), sentences.DO_NOT_ADD, sentences.SUPPOSED]
    return WhatIfAnswer.of(
        asked,
        definition=described,
        published=line(release, row),
        supposed=Supposed.model_validate(
            {
                "status": "opportunity" if known["units_upper"] > 0 else "at_or_better_than_benchmark",
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
                           for name in described.price_ids()},
                "words": f"{amount(value, metric.unit)} {against.words}: "
                f"{span(known['units_lower'], known['units_upper'], row['unit'])}.",
            }
            | units
            | known
        ),
        cautions=cautions,
    )  # fmt: skip


def _sums(row: Row, body: WhatIf, metric: Metric) -> tuple[float, float]:
    found = []
    for name, given, unit in (
        ("numerator", body.numerator, metric.numerator_unit),
        ("denominator", body.denominator, metric.denominator_unit),
    ):
        figure = row[name] if given is None else given
        if figure is None or (name == "denominator" and figure <= 0):
            raise BadBody(f"The release has no {name} for this: give one, in {unit}.", field=name)
        found.append(float(figure))
    return found[0], found[1]


def _benchmark(release: Release, row: Row, body: WhatIf, metric: Metric, rules: OpportunityRules) -> _Benchmark:
    if body.target is not None:
        return _Benchmark((body.target, body.target), None, f"against {amount(body.target, metric.unit)}")
    if not metric.comparable:
        raise BadBody(f"{sentences.NOT_COMPARABLE} Give a target.", field="target")
    given = body.comparators is not None or body.group is not None
    if row["comparator"] == TARGET or (row["benchmark_upper"] is not None and not given):
        if row["benchmark_upper"] is None or given:
            raise BadBody("This is held against a target, not against other trusts: give a target.", field="target")
        benchmarks = (row["benchmark_lower"], row["benchmark_upper"])
        return _Benchmark(benchmarks, comparators(release, row), "against the published benchmark")
    chosen = _chosen(release, row, body, metric)
    if not chosen.trusts:
        raise BadBody("None of those to compare with has a value for this.", field="comparators")
    benchmarks = rules.benchmarks([one.value for one in chosen.trusts])
    return _Benchmark(benchmarks, chosen, f"against {trusts(chosen.count)}")


def _chosen(release: Release, row: Row, body: WhatIf, metric: Metric) -> Comparators:
    """Those to compare with who have a value for the opportunity's metric and window."""
    own: str = row["trust_code"]
    if row["period_end"] is None:
        raise BadBody("No file that holds this has landed, so there is nobody to compare with: give a target.")
    metric_id = release.method.opportunities[row["opportunity_id"]].metric
    values = release.comparable(metric_id, row["period_start"], row["period_end"])
    if body.comparators is not None:
        codes = {lead_code.upper() for lead_code in body.comparators} - {own}
        unknown = sorted(codes - values.keys())
        if unknown:
            named = ", ".join(one for one in unknown if one in release.trusts) or "Some of them"
            raise BadBody(f"{named} cannot be compared with: no value for this.", field="comparators")
        title, group_id, period = "As given", "given", None
    else:
        group_id = body.group or release.method.opportunities[row["opportunity_id"]].comparator
        if group_id not in release.method.peer_groups:
            known = [*release.method.peer_groups]
            raise BadBody(f"There is no such group. The groups are: {', '.join(known)}.", field="group", known=known)
        members = None if group_id == NATIONAL else release.members(group_id, own, row["period_end"])
        codes = values.keys() - {own} if members is None else values.keys() & members
        held = release.group_period(group_id, row["period_end"])
        title, period = release.group(group_id).title, held.label if held else None
    found = [Comparator(trust_code=one, trust_name=release.name(one), value=values[one]) for one in codes]
    ordered = tuple(sorted(found, key=lambda one: (one.value, one.trust_code)))
    return Comparators(
        group_id=group_id, title=title, period=period, count=len(found), unit=metric.unit, trusts=ordered
    )


def _per_unit(release: Release, row: Row, body: WhatIf) -> Mapping[str, float]:
    """What one of the units comes to, by expression, at the prices given."""
    definition, prices = release.method.opportunities[row["opportunity_id"]], release.method.prices
    used: Sequence[str] = definition.price_ids()
    if unknown := [name for name in body.prices if name not in used]:
        told = f"The prices used here are: {', '.join(used)}." if used else "This uses no prices."
        raise BadBody(f"{len(unknown)} of the prices given are not used. {told}", field="prices", known=[*used])
    found: dict[str, float] = {}
    for kind in EXPRESSIONS:
        if row[f"{kind}_per_unit"] is None:
            continue
        factor: float = row[f"{kind}_per_unit"]
        for step in definition.steps(kind):
            if step.price in body.prices:
                ratio = body.prices[step.price] / prices[step.price].value
                factor *= ratio if step.times else 1 / ratio
        found[kind] = factor
    return found


def _cautions(body: WhatIf, metric: Metric, denominator: float, chosen: Comparators | None) -> list[str]:
    said = []
    if metric.minimum_denominator is not None and denominator < metric.minimum_denominator:
        least = counted(metric.minimum_denominator, metric.denominator_unit)
        said.append(f"The method compares nobody on less than {least}.")
    if chosen is not None and chosen.count < FEW:
        said.append(f"A benchmark from {trusts(chosen.count)} says little.")
    if body.numerator is not None or body.denominator is not None:
        said.append("Own figures must be for the same days and defined in the same way as the published ones.")
    return said
