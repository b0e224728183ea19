"""What parts of a figure are called: its category, its sums, and the rules of its benchmarks. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from functions.api.explain.sentences import Row, benchmark_value, is_single, rule_phrase
from shared.method.contracts import Dataset, Derived
from shared.method.measures import Metric, Source, Term
from shared.method.method import Method
from shared.method.names import Organisation, capital
from shared.method.opportunities import Benchmark, Opportunity

_PERCENT = 0.01


def category_title(category: str) -> str:
    """A category's id as a heading: `corporate_services` is Corporate services."""
    return capital(category.replace("_", " "))


def sum_titles(method: Method, metric: Metric, datasets: Iterable[str]) -> tuple[str | None, str | None]:
    """What the numerator and the denominator are, by the contracts of `datasets`, from which the figure comes:
    `Cleaning service cost`, `All items − brand items`. None for a sum of which a contract does not say it, or that has
    a factor of which a title would say nothing."""
    source = _source(metric, {*datasets})
    return _sum_title(method, source.numerator), _sum_title(method, source.denominator)


def _source(metric: Metric, datasets: set[str]) -> Source:
    """The source with those datasets; the preferred one if there is none."""
    return next((one for one in metric.sources if {*one.datasets} == datasets), metric.sources[0])


def _sum_title(method: Method, terms: Sequence[Term]) -> str | None:
    whole = ""
    for term in terms:
        title, sign = _term_title(method.datasets, term), _sign(term)
        if title is None or sign is None:
            return None
        if whole:
            whole += f" {sign} {_within_sentence(title)}"
        else:
            whole = title if sign == "+" else f"{sign} {_within_sentence(title)}"
    return whole


def _sign(term: Term) -> str | None:
    """Of a term that is added or taken off as it is, or of a percentage of something; None for any other factor, which
    a title would hide."""
    known = {1.0: "+", -1.0: "−"} | ({_PERCENT: "+", -_PERCENT: "−"} if term.of else {})
    return known.get(term.times)


def _within_sentence(title: str) -> str:
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _term_title(datasets: Mapping[str, Dataset], term: Term) -> str | None:
    titles = []
    for name in term.measures:
        dataset, _, measure_id = name.partition(".")
        title = measure_title(datasets[dataset], measure_id) if dataset in datasets else None
        if title is None:
            return None
        titles.append(title)
    return " × ".join(titles)


def measure_title(dataset: Dataset, name: str) -> str | None:
    """What a measure is called: a derived one's title, its column's heading without the unit at the end or, in a file
    with one figure a row, its id. None if there is no heading, or one for machines, such as FTE_DAYS_LOST."""
    measure = dataset.measure(name)
    if isinstance(measure, Derived):
        return measure.title
    if measure is not None and measure.heading is None and dataset.long is not None:
        return capital(name.replace("_", " "))
    if measure is None or measure.heading is None or "_" in measure.heading:
        return None
    family = dataset.family(measure.heading)
    return measure.heading[: -len(family.ending)].rstrip() if family else measure.heading


def benchmark_ends(
    row: Row, definition: Opportunity, metric: Metric, values: Sequence[float]
) -> list[tuple[str, Benchmark, float | None]]:
    """(lower or upper, rule, recomputed benchmark) for each benchmark of a row; `values` are the comparators'.

    The more modest result belongs to `lower`, whichever rule it comes from: the order of a mean and a quantile, for
    example, depends on the values.
    """
    if row["benchmark_upper"] is None:
        return []
    rules = [definition.upper] if is_single(row) else [definition.lower or definition.upper, definition.upper]
    recomputed = [(rule, benchmark_value(rule, values, metric.lower_is_better)) for rule in rules]
    if all(value is not None for _, value in recomputed):
        recomputed.sort(key=lambda pair: pair[1] or 0.0, reverse=metric.lower_is_better)
    ends = ["upper"] if len(recomputed) == 1 else ["lower", "upper"]
    return [(end, rule, value) for end, (rule, value) in zip(ends, recomputed, strict=True)]


def benchmark_rules(
    row: Row,
    definition: Opportunity,
    metric: Metric,
    values: Sequence[float],
    group: str | None,
    organisation: Organisation,
) -> dict[str, str]:
    """The rule of each benchmark of a row as a phrase, by its field's name: `the median of 6 other trusts in “Same type
    of estate”`. `group` is the title of a peer group; None for all others, and for a target."""
    count = row["comparator_count"] or 0
    return {
        f"benchmark_{end}_rule": rule_phrase(
            rule, count, metric.lower_is_better, organisation, group, itself=definition.including_itself
        )
        for end, rule, _ in benchmark_ends(row, definition, metric, values)
    }
