"""The settings of a method as sentences: how each figure is made, and each peer group. Pure."""

import re
from collections.abc import Sequence

from functions.api.explain.peer_sentences import preference
from shared.formatting import CURRENCIES, SHARE, amount, counted, number, percentile, unit_in_words
from shared.method.contracts import Derived
from shared.method.measures import FEWEST, Metric, Term
from shared.method.method import Method
from shared.method.names import capital
from shared.method.opportunities import NATIONAL, TARGET, Benchmark, Expression, Opportunity, Rate, Route
from shared.method.overlaps import overlapping
from shared.method.peer_groups import LandedListGroup, NationalGroup, NearestGroup, PeerGroup, Variable
from shared.method.terms import Ref

_MISSING = {
    "available": "a characteristic that one of two lacks is left out of their distance",
    "zero": "a missing value counts as zero",
    "mean": "a missing value counts as the mean",
    "median": "a missing value counts as the median",
}
_LISTED = 4
_DISTANCES = {
    ("euclidean", "mean"): "the root of the mean squared difference",
    ("euclidean", "sum"): "the root of the sum of squared differences",
    ("sqeuclidean", "mean"): "the mean squared difference",
    ("sqeuclidean", "sum"): "the sum of squared differences",
    ("cityblock", "mean"): "the mean absolute difference",
    ("cityblock", "sum"): "the sum of absolute differences",
}


def paragraph(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


class Words:
    """The settings of one method as sentences, plain or, for a page of the documentation, as `markdown`."""

    def __init__(self, method: Method, *, markdown: bool = False) -> None:
        self.method = method
        self.markdown = markdown
        organisation = method.programme.organisation
        self.one, self.many, self.an = organisation.one, organisation.many, organisation.with_article

    def code(self, name: str) -> str:
        """A name of the method's files."""
        return f"`{name}`" if self.markdown else name

    def link(self, anchor: str, title: str) -> str:
        """The title of another part of the method."""
        return f"[{title}](#{anchor})" if self.markdown else title

    @staticmethod
    def amount(value: float, unit: str) -> str:
        return amount(value, unit)

    @staticmethod
    def category(name: str) -> str:
        return name.replace("_", " ").capitalize()

    @staticmethod
    def unit(text: str) -> str:
        """A unit with its symbols: £ per m²."""
        return unit_in_words(text)

    # ---- value ---------------------------------------------------------------------------------------------------

    def called(self, name: str) -> str:
        """A measure's heading without its unit; without a heading, its id in words."""
        ref = Ref.parse(name)
        dataset = self.method.datasets.get(ref.dataset)
        measure = dataset and dataset.measure(ref.measure)
        heading = measure.title if isinstance(measure, Derived) else measure.heading if measure else None
        heading = heading or ref.measure.replace("_", " ")
        return re.sub(r"\s*\((?:[^\w\s]{1,3}|m²|No\.)\)$", "", heading).replace("_", " ")

    def sum(self, terms: Sequence[Term]) -> str:
        """A sum of measures, in brackets if it has several terms."""
        parts = [self._term(term) for term in terms]
        return f"({' + '.join(parts)})" if len(parts) > 1 else parts[0]

    def _term(self, term: Term) -> str:
        product = " × ".join(self.called(name) for name in term.measures)
        return product if term.times == 1 else f"{number(term.times)} × {product}"

    def ratio(self, metric: Metric) -> str:
        """The formula."""
        scale = f" × {number(metric.scale)}" if metric.scale != 1 else ""
        return f"{self.sum(metric.numerator)} ÷ {self.sum(metric.denominator)}{scale}"

    def gain(self, opportunity: Opportunity, metric: Metric) -> str:
        """How a gap becomes the units of the opportunity."""
        own = self.sum(metric.denominator)
        scale = f" ÷ {number(metric.scale)}" if metric.scale != 1 else ""
        gap = "value − benchmark" if metric.lower_is_better else "benchmark − value"
        return f"({gap}){scale} × {own}"

    def value(self, metric: Metric) -> str:
        parts = f"{self._plural(metric.numerator_unit)} over {self._plural(metric.denominator_unit)}"
        unit = "As a percentage" if metric.unit == SHARE else f"In {self.unit(metric.unit)}"
        better = metric.direction.replace("_", " ").replace("neither", "neither direction is better")
        zero = " A numerator of zero means that nothing was recorded: there is no value."
        least = ""
        if metric.minimum_denominator is not None:
            least = (
                f" {capital(self.an)} needs at least {counted(metric.minimum_denominator, metric.denominator_unit)}."
            )
        missing = zero if metric.zero_numerator == "missing" else " A numerator of zero is a value like any other."
        return f"{unit} ({parts}); {better}.{missing}{least}"

    def data(self, metric: Metric) -> str:
        """The measures of each source, and which source counts."""
        sources = [", ".join(map(self.code, source.measures)) for source in metric.sources]
        if len(sources) == 1:
            return f"From {sources[0]}."
        return f"For each period from the first of these that has figures: {'; or else '.join(sources)}."

    def units(self, metric: Metric) -> str:
        """Which units below an organisation count; empty if no source has any."""
        datasets = [(name, self.method.datasets[name].unit) for name in metric.datasets if name in self.method.datasets]
        with_units = [(name, unit) for name, unit in datasets if unit]
        if not with_units:
            return ""
        (_, unit), *_ = with_units
        names = " and ".join(self.code(name) for name, _ in with_units)
        zero = " or is zero" if metric.zero_numerator == "missing" else ""
        missing = f"the {self.one} has no value"
        if metric.minimum_coverage is not None:
            missing = (
                f"it is left out, as long as the {unit.plural} that count have {metric.minimum_coverage:.0%} of the "
                f"denominator; otherwise {missing}"
            )
        return (
            f"The figures of {names} are by {unit.called}. A {unit.called} counts only if it has both a numerator and "
            f"a denominator: one whose numerator does not apply{zero}, or that has nothing to divide by, is in neither "
            f"sum. If a {unit.called} lacks a part of its data, {missing}."
        )

    @staticmethod
    def redefined(metric: Metric) -> str:
        """When the figures began to mean something else; empty if they never did."""
        return " ".join(
            f"Since {change.since.day} {change.since:%B %Y}: {paragraph(change.because)} Trends have a break there."
            for change in metric.redefined
        )

    def _plural(self, unit: str) -> str:
        return self.unit(counted(2, unit).partition(" ")[2] if unit not in CURRENCIES else unit)

    def window(self, metric: Metric) -> str:
        window = metric.window
        if window.months is None and not window.financial_year:
            datasets = {Ref.parse(name).dataset for name in metric.measures()} & self.method.datasets.keys()
            kinds: set[str] = {self.method.datasets[name].period.kind for name in datasets} or {"period"}
            return f"The newest {' or '.join(sorted(kinds)).replace('_', ' ')} for which all terms have figures."
        every = (
            f"{self.an} needs every one of them"
            if window.minimum_periods is None
            else f"{self.an} needs {window.minimum_periods} of them"
        )
        least = f"; there is no value from fewer than {window.at_least}" if window.at_least > 1 else ""
        span = f"{window.months} months with data" if window.months else "financial year with data for every day"
        return f"The newest {span}, summed before dividing: {every}{least}."

    def plausibility(self, metric: Metric) -> str:
        rule = metric.plausibility
        if rule.group is None:
            ends = [amount(end, metric.unit) for end in (rule.minimum, rule.maximum) if end is not None]
            return f"Within {' to '.join(ends)}." if len(ends) == 2 else f"From {ends[0]}."
        return (
            f"Between 1/{number(rule.implausible)} and {number(rule.implausible)} times the median of "
            f"{self.group(rule.group)}; above {number(rule.check_above)} or below {number(rule.check_below)} times it, "
            f"the answer says to check the figure first. If there are fewer than {FEWEST} values, the median is that "
            f"of all {self.many}."
        )

    def standing(self, metric: Metric) -> str:
        """How values are ranked; empty for the usual way, which the page explains once."""
        rule = metric.standing
        if metric.direction == "neither":
            return f"No value is better than another, so {self.many} have no rank."
        formulas = {
            "mid_rank": "",
            "share_below": "The percentile is the share of all values that are worse.",
            "percent_rank": "The percentile is the share of the other values that are worse; equal ones do not count.",
            "at_or_below": "The percentile is the share of all values that are not better, its own included.",
        }
        sentences = [formulas[rule.percentile]]
        if not rule.turned:
            sentences.append("It grows with the value, whichever direction is better.")
        if rule.bands:
            sentences.append(f"The values are also divided into {rule.bands} equal bands, of which 1 is the best.")
        if rule.boundary == "lower":
            sentences.append("A value on a boundary belongs to the lower values.")
        return " ".join(filter(None, sentences))

    def chance(self, metric: Metric) -> str:
        if metric.chance is None:
            return "Not tested: the numerator and the denominator do not count independent events."
        event = f"{metric.numerator_unit} counts as an independent event"
        if metric.chance == "proportion":
            event = f"{metric.denominator_unit} counts as an independent event that happens or does not"
        return (
            f"Each {event}. If the {number(100 * metric.confidence)}% interval of the {self.one}'s own value reaches "
            "the ambitious benchmark, the answer says that the whole gain may be chance."
        )

    # ---- comparison ----------------------------------------------------------------------------------------------

    def group(self, name: str) -> str:
        group = self.method.peer_groups.get(name)
        return self.link(f"group-{name}", group.title) if group else f"all {self.many}"

    def comparator(self, opportunity: Opportunity) -> str:
        """The comparators in a few words."""
        if not self.method.metrics[opportunity.metric].comparable:
            return f"no {self.many}"
        if opportunity.comparator == TARGET:
            return f"the {self.one}'s own target" if opportunity.upper.of_its_own else "a target"
        return self.group(opportunity.comparator)

    def compared(self, opportunity: Opportunity, metric: Metric) -> str:
        if not metric.comparable:
            return f"No {self.many}: the figure is shown, and must not be compared between {self.many}."
        if opportunity.comparator == TARGET:
            return (
                f"A target that follows from the {self.one}'s own figures."
                if opportunity.upper.of_its_own
                else "A target, the same for all."
            )
        least = f"at least {opportunity.minimum_comparators} of them must have a value"
        if opportunity.fallback == NATIONAL:
            least += f", otherwise all {self.many} are the comparators, and the answer says so"
        else:
            least += ", otherwise there is no figure"
        which = self.group(opportunity.comparator)
        if opportunity.including_itself:
            which += f", the {self.one} itself included"
        if opportunity.positive_comparators:
            least = f"only values above zero count; {least}"
        return f"{which}; {least}."

    def benchmarks(self, opportunity: Opportunity, metric: Metric) -> str:
        if not metric.comparable:
            return "None."
        ends = [self._rule(opportunity.upper, metric)]
        if opportunity.lower is not None:
            ends = [
                f"{self._rule(opportunity.lower, metric)} (lower value)",
                f"{self._rule(opportunity.upper, metric)} (upper value)",
            ]
        else:
            ends[0] += ": a single value"
        both = " and ".join(ends)
        return f"{both[:1].upper()}{both[1:]}."

    def _rule(self, rule: Benchmark, metric: Metric) -> str:
        match rule.rule:
            case "target" if rule.of_its_own:
                return self._own_target(rule)
            case "target":
                return f"a target of {amount(rule.value, metric.unit)}"
            case "quantile":
                q = rule.q or 0.0
                best = ", where the best quarter begins" if q == (0.25 if metric.lower_is_better else 0.75) else ""
                return f"{percentile(q)} of the others{best}"
            case "mean_of_best":
                return f"the mean of the best {rule.n} of the others"
            case _:
                return f"the {rule.rule} of the others"

    def _own_target(self, rule: Benchmark) -> str:
        times = f"{number(rule.times)} times " if rule.times != 1 else ""
        better = f"{number(rule.percent_off)}% better than " if rule.percent_off else ""
        if rule.period is not None:
            kind, label = rule.period.kind.replace("_", " "), rule.period.label
            return f"{better}{times}the {self.one}'s own value in the {kind} {label}"
        assert rule.measure is not None  # a target of its own is one or the other
        return f"{better}{times}the {self.one}'s own figure for {self.called(rule.measure)} ({self.code(rule.measure)})"

    # ---- worth ---------------------------------------------------------------------------------------------------

    def worth(self, opportunity: Opportunity, expression: Expression) -> str:
        """One expression: how it follows from the gap, at which prices."""
        steps = opportunity.steps(expression)
        route = steps[-1]
        if opportunity.native == expression and len(steps) == 1 and not route.per_day:
            return f"The gap times the {self.one}'s own denominator, in {self.unit(route.unit)}: no conversion."
        from_ = self.unit(opportunity.unit)
        how = "".join(self._step(step) for step in steps)
        label = " An equivalent: the same gain in another unit, not an additional one."
        label = "" if opportunity.native == expression else label
        return f"{from_[:1].upper()}{from_[1:]}{how}, in {self.unit(route.unit)}.{self._standing(steps)}{label}"

    def _step(self, route: Route) -> str:
        if route.price is not None:
            price = self.method.prices[route.price]
            return f" {'×' if route.times else '÷'} {amount(price.value, price.unit)}"
        if route.own_rate is not None:
            return f" × {self._rate(route.own_rate)}"
        return " ÷ the days in the window" if route.per_day else ""

    def _rate(self, rate: Rate) -> str:
        title = f"{rate.title[:1].lower()}{rate.title[1:]}"
        otherwise = f", or that of all {self.many} together where it has none" if rate.otherwise_national else ""
        words = f"{title} ({self.sum(rate.numerator)} ÷ {self.sum(rate.denominator)}{otherwise})"
        return f"({words} − {self._rate(rate.less)})" if rate.less else words

    def _standing(self, steps: Sequence[Route]) -> str:
        sentences = ""
        for name in dict.fromkeys(step.price for step in steps if step.price):
            price = self.method.prices[name]
            status = f"**{price.status}**" if self.markdown else price.status
            sentences += f" The price is {status}: {paragraph(price.source)}."
        return sentences

    def users(self, price: str) -> str:
        """The opportunities that use a price, or how many do."""
        links = [
            self.link(name, one.title)
            for name, one in self.method.opportunities.items()
            if any(route.price == price for route in one.routes.values())
        ]
        return ", ".join(links) if len(links) <= _LISTED else f"{len(links)} opportunities"

    # ---- overlaps ------------------------------------------------------------------------------------------------

    def reach(self, group: str) -> set[str]:
        return overlapping(self.method.overlap_groups, group)

    def overlaps(self, name: str, opportunity: Opportunity) -> str:
        group = self.method.overlap_groups.get(opportunity.overlap_group)
        if group is None:
            return ""
        reach = self.reach(opportunity.overlap_group)
        others = ", ".join(
            self.link(one, other.title)
            for one, other in self.method.opportunities.items()
            if other.overlap_group in reach and one != name
        )
        overlap = f"overlaps with {others}" if others else "overlaps with no other opportunity"
        return f"Group “{group.title}”; {overlap}. {paragraph(group.explanation)}"

    # ---- peers ---------------------------------------------------------------------------------------------------

    def made(self, group: PeerGroup) -> str:
        """The rule of a group."""
        match group:
            case NearestGroup():
                return self._nearest(group)
            case LandedListGroup():
                listed = f"{self.code(group.list)} of {self.code(group.measure)}"
                return f"Taken from the list {listed}, without the {self.one} itself."
            case NationalGroup():
                return f"All {self.many} with a value in the same window, without the {self.one} itself."
            case _:
                same = f"“{self.called(group.attribute)}” ({self.code(group.attribute)})"
                return f"All {self.many} with the same {same} in the period of the figure."

    def _nearest(self, group: NearestGroup) -> str:
        within = f" Only {self.many} with the same {self.code(group.within)} are candidates." if group.within else ""
        within += " Caps and scales are computed among these." if group.scale_among == "within" else ""
        if group.candidates:
            texts = " or ".join(f"“{text}”" for text in group.candidates.only)
            within += f" Only {self.many} whose {self.code(group.candidates.measure)} is {texts} are anyone's peers."
        within += " Standard deviations are those of a sample (n − 1)." if group.deviation == "sample" else ""
        within += f" {preference(group.prefer)}" if group.prefer else ""
        within += f" Of these, only {self.many} that have it among their own are its peers." if group.mutual else ""
        rule = group.successors
        after = {
            "none": "",
            "dated": f" {capital(self.many)} that have closed are replaced by their successors"
            + (", and the list is filled up again." if rule.refill else "; the list is not filled up again."),
            "listed": f" {len(rule.pairs)} predecessors are replaced by the successors listed with the group"
            + (", and the list is filled up again." if rule.refill else "; the list is not filled up again.")
            + f" ({rule.source}.)",
        }[rule.rule]
        runners_up = "1 runner-up" if group.runners_up == 1 else f"{group.runners_up} runners-up"
        many = len(group.variables)
        characteristics = f"{many} characteristics" if many > 1 else "1 characteristic"
        measure = f"{self._distance(group)} ({self.code(group.distance)})"
        return (
            f"The {group.k} nearest by {characteristics}, and {runners_up}: "
            f"{measure}, weighted; {_MISSING[group.missing]}.{within}{after}"
            f" Stability of a peer: the share of {group.stability.draws} seeded draws, with "
            f"{100 * group.stability.noise:g}% noise on each raw value, in which it stays a peer."
        )

    @staticmethod
    def _distance(group: NearestGroup) -> str:
        """The formula in words; of several parts, with what belongs to each."""
        formula = _DISTANCES[group.distance, group.combine]
        if len(group.parts) == 1:
            return formula
        parts = [
            f"{group.variables[places[0]].part} ({', '.join(group.variables[place].label for place in places)})"
            for places in group.parts
        ]
        return f"the sum of {len(parts)} distances, for {' and for '.join(parts)}, each {formula}"

    @staticmethod
    def transformed(variable: Variable) -> str:
        """What is done to a value before it is scaled, in its order."""
        above = " above the mean" if variable.cap_side == "upper" else ""
        cap = f"capped at {variable.cap:g} standard deviations{above}" if variable.cap else ""
        change = "" if variable.transform == "none" else variable.transform
        if cap and change and variable.cap_when == "before":
            return f"{cap}, then {change}"
        return ", ".join(part for part in (change, cap) if part) or "no"

    @staticmethod
    def scaled(variable: Variable) -> str:
        return {"zscore": "in standard deviations", "range": "0 to 1 over its range", "none": "no"}[variable.scale]


def recipe(words: Words, name: str, opportunity: Opportunity) -> list[tuple[str, str]]:
    """How a figure is made: pairs of a heading and sentences."""
    metric = words.method.metrics[opportunity.metric]
    lines = (
        ("Value", words.value(metric)),
        ("Data", words.data(metric)),
        ("Counted", words.units(metric)),
        ("Redefined", words.redefined(metric)),
        ("Window", words.window(metric)),
        ("Compared with", words.compared(opportunity, metric)),
        ("Benchmarks" if opportunity.lower else "Benchmark", words.benchmarks(opportunity, metric)),
        ("Plausible", words.plausibility(metric)),
        ("Standing", words.standing(metric)),
        *([("Chance", words.chance(metric))] if metric.comparable else []),
        *((kind.capitalize(), words.worth(opportunity, kind)) for kind in opportunity.routes if metric.comparable),
        ("Overlaps", words.overlaps(name, opportunity)),
        ("Sources", "; ".join(opportunity.sources) + "." if opportunity.sources else ""),
    )
    return [(heading, text) for heading, text in lines if text]
