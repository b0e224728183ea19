"""References between documents of a method: everything that is named must be defined, and of the right type."""

from collections.abc import Collection, Iterator

from shared.method.contracts import Derived, Measure
from shared.method.faults import Location, MethodFault, UnreadableDefinitions
from shared.method.measures import Source, SourcedRatio
from shared.method.method import Method
from shared.method.opportunities import NATIONAL, TARGET, Opportunity, Rate
from shared.method.peer_groups import LandedListGroup, NearestGroup, SameAttributeGroup
from shared.method.programme import Register
from shared.method.terms import Ref


def measure_of(method: Method, name: str) -> Measure | Derived | None:
    """The measure, landed or derived, that `<dataset>.<measure>` names; None if there is none."""
    ref = Ref.parse(name)
    dataset = method.datasets.get(ref.dataset)
    return dataset.measure(ref.measure) if dataset else None


def unresolved(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """References to what the method does not define, except overlap groups."""
    references = _References(method, unreadable)
    if ("programme", "programme") not in unreadable:
        yield from references.programme()
    yield from references.datasets()
    yield from references.metrics()
    yield from references.peer_groups()
    for name, opportunity in method.opportunities.items():
        yield from references.opportunity(("opportunities", name), opportunity)


def undeclared(method: Method, unreadable: UnreadableDefinitions) -> Iterator[MethodFault]:
    """References to overlap groups that are not declared. Readers need them; the calculation does not."""
    references = _References(method, unreadable)
    for name, opportunity in method.opportunities.items():
        at = ("opportunities", name, "overlap_group")
        yield from references.defined("overlap_groups", opportunity.overlap_group, at)
    for name, group in method.overlap_groups.items():
        for number, other in enumerate(group.also):
            yield from references.defined("overlap_groups", other, ("overlap_groups", name, "also", number))


class _References:
    def __init__(self, method: Method, unreadable: UnreadableDefinitions) -> None:
        self.method = method
        self.unreadable = unreadable

    def programme(self) -> Iterator[MethodFault]:
        if (group := self.method.programme.peer_group) is not None:
            yield from self.group(group, ("programme", "peer_group"), ())
        population = self.method.programme.population
        at = ("programme", "population")
        if (register := population.trust_register) is not None:
            yield from self.register(register, (*at, "trust_register"))
            for number, level in enumerate(population.levels):
                for step, named in (("measure", level.measure), ("name", level.name)):
                    if named is not None:
                        place = (*at, "levels", number, step)
                        yield from self.measure(f"{register.dataset}.{named}", place, numeric=False)
        if (successors := population.successors) is not None:
            named = f"{successors.dataset}.{successors.successor}"
            yield from self.measure(named, (*at, "successors", "successor"), numeric=False)
        for number, named in enumerate(population.trust_type):
            yield from self.measure(named, (*at, "trust_type", number), numeric=False)

    def register(self, register: Register, at: Location) -> Iterator[MethodFault]:
        places: list[tuple[str | None, Location]] = [
            (getattr(register, step), (*at, step)) for step in ("name", "opened", "closed")
        ]
        places += [
            (one.measure, (*at, "attributes", number, "measure")) for number, one in enumerate(register.attributes)
        ]
        if register.trust_where:
            places.append((register.trust_where.measure, (*at, "trust_where", "measure")))
        for measure, place in places:
            if measure is not None:
                yield from self.measure(f"{register.dataset}.{measure}", place, numeric=False)

    def datasets(self) -> Iterator[MethodFault]:
        for name, dataset in self.method.datasets.items():
            for number, rule in enumerate(dataset.elsewhere):
                for place, other in enumerate(rule.datasets):
                    yield from self.defined(
                        "datasets", other, ("datasets", name, "elsewhere", number, "datasets", place)
                    )

    def metrics(self) -> Iterator[MethodFault]:
        for name, metric in self.method.metrics.items():
            at = ("metrics", name)
            yield from self.ratio(metric, at)
            if metric.plausibility.group is not None:
                yield from self.group(metric.plausibility.group, (*at, "plausibility", "group"), (NATIONAL,))

    def peer_groups(self) -> Iterator[MethodFault]:
        for name, group in self.method.peer_groups.items():
            at = ("peer_groups", name)
            if isinstance(group, NearestGroup):
                for needed in group.measures():
                    yield from self.measure(needed.measure, (*at, *needed.at), numeric=needed.numeric)
            elif isinstance(group, SameAttributeGroup):
                yield from self.measure(group.attribute, (*at, "attribute"), numeric=False)
                for number, named in enumerate(group.otherwise):
                    yield from self.measure(named, (*at, "otherwise", number), numeric=False)
            elif isinstance(group, LandedListGroup):
                yield from self.measure(group.measure, (*at, "measure"), numeric=False)

    def opportunity(self, at: Location, opportunity: Opportunity) -> Iterator[MethodFault]:
        yield from self.defined("metrics", opportunity.metric, (*at, "metric"))
        if opportunity.comparator not in (NATIONAL, TARGET):
            yield from self.group(opportunity.comparator, (*at, "comparator"), (NATIONAL, TARGET))
        for end in ("lower", "upper"):
            rule = getattr(opportunity, end)
            if rule is not None and rule.measure is not None:
                yield from self.measure(rule.measure, (*at, end, "measure"), numeric=True)
        for expression, route in opportunity.routes.items():
            for step in ("times", "divide_by"):
                if (price := getattr(route, step)) is not None:
                    yield from self.defined("prices", price, (*at, expression, step))
            yield from self.rate(route.own_rate, (*at, expression, "own_rate"))

    def rate(self, rate: Rate | None, at: Location) -> Iterator[MethodFault]:
        """Faults of an own rate, and of the one that is taken off it."""
        if rate is not None:
            yield from self.ratio(rate, at)
            yield from self.rate(rate.less, (*at, "less"))

    def ratio(self, ratio: SourcedRatio, at: Location) -> Iterator[MethodFault]:
        for place, source in enumerate(ratio.sources):
            there = (*at, "otherwise", place - 1) if place else at
            yield from self.of_units(source, there)
            for side in ("numerator", "denominator"):
                for number, term in enumerate(getattr(source, side)):
                    for named in term.measures:
                        yield from self.measure(named, (*there, side, number), numeric=True)

    def of_units(self, source: Source, at: Location) -> Iterator[MethodFault]:
        """Faults of a source whose rows are about units, which have to be of one dataset and to add up. Those of a
        programme with levels have to add up too."""
        datasets = [self.method.datasets[name] for name in source.datasets if name in self.method.datasets]
        with_units = [(dataset.id, dataset.unit.plural) for dataset in datasets if dataset.unit]
        readable = ("programme", "programme") not in self.unreadable
        if not with_units and not (readable and self.method.programme.population.levels):
            return
        if with_units and len(datasets) > 1:
            ((name, plural), *_) = with_units
            text = (
                f"the rows of {name} are about {plural}, so both sums need measures of {name} alone; name such measures"
            )
            yield MethodFault(at, text)
        parts = "units" if with_units else self.method.programme.organisation.many
        for side in ("numerator", "denominator"):
            for number, term in enumerate(getattr(source, side)):
                measure = measure_of(self.method, term.measure)
                if isinstance(measure, Measure) and measure.type == "number" and not measure.adds_up and not term.of:
                    yield MethodFault(
                        (*at, side, number),
                        f"{term.measure} is in {measure.unit}, which does not add up over {parts}; multiply it by "
                        "what it is a part of, with of",
                    )

    def defined(self, kind: str, name: str, at: Location) -> Iterator[MethodFault]:
        known = getattr(self.method, kind)
        if name not in known and (kind, name) not in self.unreadable:
            yield MethodFault(at, _missing(kind.removesuffix("s").replace("_", " "), name, known))

    def group(self, group: str, at: Location, also: tuple[str, ...]) -> Iterator[MethodFault]:
        if group not in self.method.peer_groups and group not in also and ("peer_groups", group) not in self.unreadable:
            yield MethodFault(at, _missing("peer group", group, [*self.method.peer_groups, *also]))

    def measure(self, name: str, at: Location, *, numeric: bool) -> Iterator[MethodFault]:
        ref = Ref.parse(name)
        dataset = self.method.datasets.get(ref.dataset)
        if dataset is None:
            yield from self.defined("datasets", ref.dataset, at)
        elif (found := dataset.measure(ref.measure)) is None:
            known = [*dataset.measures, *dataset.derived]
            yield MethodFault(at, _missing(f"measure of {ref.dataset}", ref.measure, known))
        elif (found.type == "number") != numeric:
            is_, needed = ("text", "a number") if numeric else ("a number", "text")
            yield MethodFault(at, f"{name} is {is_}, and {needed} is needed here; name another measure")


def _missing(kind: str, name: str, known: Collection[str]) -> str:
    others = f", or name one of {', '.join(sorted(known))}" if known else ""
    return f"there is no {kind} called {name!r}; define it{others}"
