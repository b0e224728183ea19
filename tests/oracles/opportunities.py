"""Metrics and opportunities told the slow way: one trust, one metric and one opportunity at a time.

Written from the sentences of the method, in plain Python and exact fractions, sharing nothing with
`functions.opportunities`. Only the settings are the product's: `Method`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from shared.method.measures import Metric, Source, SourcedRatio, Term
from shared.method.method import Method
from shared.method.opportunities import Benchmark, Opportunity, Rate
from shared.method.periods import NamedPeriod
from tests.oracles.chance import byar, wilson
from tests.oracles.robustness import gains_without_one
from tests.oracles.standing import standing
from tests.oracles.statistics import benchmark, exact, quantile
from tests.oracles.windows import Days, days_of, windows, within


class Fact(NamedTuple):
    """One row of a landed file; `label` is the name of its slot's period."""

    dataset: str
    code: str
    start: date
    end: date
    measure: str
    state: str
    value: float | None = None
    text: str | None = None
    label: str = ""
    unit: str | None = None


class Pair(NamedTuple):
    """One row of the table of peers."""

    group: str
    trust: str
    peer: str
    role: str = "peer"
    period: str = ""


class Programme:
    """Everything landed, the peers, and the method; asks are answered by looking through all of it.

    Each metric stands at one of its windows, the newest unless told otherwise, and answers are for that window.
    """

    def __init__(self, facts: Iterable[Fact], peers: Iterable[Pair], method: Method) -> None:
        self.facts = list(facts)
        self.method = method
        self.sets: dict[tuple[str, str], list[Pair]] = {}
        for pair in peers:
            if pair.role == "peer" and pair.peer != pair.trust:
                self.sets.setdefault((pair.group, pair.trust), []).append(pair)
        self.stated = {(f"{f.dataset}.{f.measure}", (f.end, f.start), f.code): f for f in self.facts}
        self.by_code: dict[str, list[Fact]] = {}
        self.units: dict[tuple[str, Days], dict[str, dict[str, dict[str, Fact]]]] = {}
        self.days: dict[str, set[Days]] = {}
        self.figures: dict[str, set[Days]] = {}
        for fact in self.facts:
            name = f"{fact.dataset}.{fact.measure}"
            self.by_code.setdefault(fact.code, []).append(fact)
            if fact.unit is not None:
                of_trust = self.units.setdefault((fact.dataset, (fact.end, fact.start)), {}).setdefault(fact.code, {})
                of_trust.setdefault(fact.unit, {})[name] = fact
            self.days.setdefault(name, set()).add((fact.end, fact.start))
            if fact.state == "value":
                self.figures.setdefault(name, set()).add((fact.end, fact.start))
        year_starts = method.programme.year_starts
        self.held = {name: windows(metric, self._held(metric), year_starts) for name, metric in method.metrics.items()}
        self.windows = {name: held[-1] if held else [] for name, held in self.held.items()}
        self.successions = self._successions()
        self.registered = self._registered()
        self.trusts = self._trusts({name: [window] for name, window in self.windows.items()})
        self.everyone = self._trusts(self.held)
        self.told: dict[tuple[str, tuple[Days, ...]], tuple[dict[str, Any], dict[str, Any]]] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        for name, window in self.windows.items():
            self.stand(name, window)

    def stand(self, name: str, window: list[Days]) -> None:
        """Let a metric answer for a window."""
        key = (name, tuple(window))
        self.windows[name] = window
        if key not in self.told:
            self.results[name] = {t: self._measured(name, t) for t in self.everyone}
            self.statuses[name] = {t: self._status(name, t) for t in self.everyone}
            self.told[key] = self.results[name], self.statuses[name]
        self.results[name], self.statuses[name] = self.told[key]

    # ---- who -----------------------------------------------------------------------------------------------------

    def _registered(self) -> set[str]:
        population = self.method.programme.population
        register = population.trust_register
        if register is None:
            return set()
        held = self.days.get(f"{register.dataset}.{register.name}", set())
        if not held:
            return set()
        newest = max(held)
        rows = [f for f in self.facts if f.dataset == register.dataset and (f.end, f.start) == newest]
        found = {f.code for f in rows if f.measure == register.name and f.text}
        if register.trust_where is not None:
            where = register.trust_where
            found &= {
                f.code for f in rows if f.measure == where.measure and f.text and re.search(where.pattern, f.text)
            }
        return found - set(population.excluded)

    def is_trust(self, code: str) -> bool:
        population = self.method.programme.population
        if population.pattern is None and population.trust_register is None:
            return code not in population.excluded
        matches = population.pattern is not None and re.fullmatch(population.pattern, code) is not None
        return code not in population.excluded and (matches or code in self.registered)

    def _trusts(self, used_windows: dict[str, list[list[Days]]]) -> list[str]:
        metrics = self.method.metrics
        used = {
            (measure, days)
            for name in metrics
            for measure in metrics[name].measures()
            for window in used_windows[name]
            for days in window
        }
        mentioned = {code for name, days, code in self.stated if (name, days) in used}
        return sorted(self.registered | {code for code in mentioned if self.is_trust(code)})

    # ---- metrics -------------------------------------------------------------------------------------------------

    def _held(self, metric: Metric) -> list[Days]:
        """The periods for which every measure of one of the sources has somebody's figure."""
        return sorted({days for source in metric.sources for days in self._whole(source)})

    def _whole(self, source: Source) -> set[Days]:
        return set.intersection(*[self.figures.get(name, set()) for name in source.measures])

    def source(self, ratio: SourcedRatio, days: Days) -> Source:
        """The first source with figures in a period."""
        return next((source for source in ratio.sources if days in self._whole(source)), ratio.sources[0])

    def of_units(self, source: Source, days: Days, trust: str) -> dict[str, dict[str, Fact]] | None:
        """The rows of a trust's units; None if the source is not about units."""
        dataset = source.measures[0].partition(".")[0]
        everyone = self.units.get((dataset, days))
        return None if everyone is None else everyone.get(trust, {})

    def sum(self, terms: Sequence[Term], days: Days, trust: str) -> tuple[Fraction | None, set[str]]:
        """Σ of one period, None where a part is missing; and the states that were met."""
        total = Fraction(0)
        met = set()
        for term in terms:
            part = exact(term.times)
            for name in term.measures:
                fact = self.stated.get((name, days, trust))
                met.add(fact.state if fact else "absent")
                if fact is not None and fact.state == "value":
                    part *= exact(float(fact.value or 0))
            total += part
        return (total if met == {"value"} else None), met

    @staticmethod
    def unit(source: Source, rows: dict[str, Fact], *, zero_is_missing: bool) -> tuple[str, Fraction, Fraction | None]:
        """Whether a unit counts, else why not; its numerator and its denominator, None if not known."""
        sides: list[tuple[bool, Fraction | None]] = []
        for terms in (source.numerator, source.denominator):
            total: Fraction | None = Fraction(0)
            applies = False
            for term in terms:
                facts = [rows.get(name) for name in term.measures]
                if any(fact is not None and fact.state == "not_applicable" for fact in facts):
                    continue
                applies = True
                part = exact(term.times)
                for fact in facts:
                    if fact is None or fact.state != "value" or fact.value is None:
                        total = None
                    else:
                        part *= exact(fact.value)
                total = None if total is None else total + part
            sides.append((applies, total))
        (top_applies, top), (bottom_applies, bottom) = sides
        if not top_applies or (zero_is_missing and top == 0):
            return "not_collected", Fraction(0), bottom if bottom_applies else None
        if not bottom_applies or bottom == 0:
            return "no_denominator", top or Fraction(0), None
        if top is None or bottom is None:
            return "missing", Fraction(0), bottom
        return "counted", top, bottom

    def added(
        self, source: Source, units: dict[str, dict[str, Fact]], ratio: SourcedRatio
    ) -> tuple[Fraction | None, Fraction | None, set[str]]:
        """Both sums over the units that count, None if they may not be told; and the states that were met."""
        zero_is_missing = getattr(ratio, "zero_numerator", "missing") == "missing"
        least = ratio.minimum_coverage if isinstance(ratio, Metric) else None
        told = [self.unit(source, rows, zero_is_missing=zero_is_missing) for rows in units.values()]
        counted = [(top, bottom) for status, top, bottom in told if status == "counted" and bottom is not None]
        lacking = [bottom for status, _, bottom in told if status == "missing"]
        applies = [
            all(any((fact := rows.get(term.measure)) is None or fact.state != "not_applicable" for term in terms)
                for terms in (source.numerator, source.denominator))
            for rows in units.values()
        ]  # fmt: skip
        met = {"value"} if any(applies) or not units else {"not_applicable"}
        if not counted:
            return None, None, met
        bottom = sum((each for _, each in counted), Fraction(0))
        if lacking:
            if least is None or None in lacking:
                return None, None, met
            if bottom < exact(least) * (bottom + sum((each or Fraction(0) for each in lacking), Fraction(0))):
                return None, None, met
        return sum((each for each, _ in counted), Fraction(0)), bottom, met

    def sums(
        self, ratio: SourcedRatio, window: list[Days], needed: int, trust: str
    ) -> tuple[Fraction | None, Fraction | None, int, bool]:
        """Σ numerator, Σ denominator, days, and whether a part does not apply."""
        top = bottom = Fraction(0)
        days, whole, not_applicable = 0, 0, False
        for period in window:
            source = self.source(ratio, period)
            units = self.of_units(source, period, trust)
            if units is not None:
                over, under, met = self.added(source, units, ratio)
            else:
                over, met = self.sum(source.numerator, period, trust)
                under, also = self.sum(source.denominator, period, trust)
                met |= also
            not_applicable |= "not_applicable" in met
            if over is not None and under is not None:
                top, bottom, whole = top + over, bottom + under, whole + 1
                days += (period[0] - period[1]).days + 1
        if not window or whole < needed:
            return None, None, 0, not_applicable
        return top, bottom, days, False

    def _measured(self, name: str, trust: str) -> dict[str, Any]:
        metric, window = self.method.metrics[name], self.windows[name]
        needed = self.needed(name)
        top, bottom, days, not_applicable = self.sums(metric, window, needed, trust)
        value = None
        if (
            top is not None
            and bottom is not None
            and bottom > 0
            and not (top == 0 and metric.zero_numerator == "missing")
        ):
            value = exact(metric.scale) * top / bottom
        return {
            "numerator": top,
            "denominator": bottom,
            "days": days,
            "value": value,
            "not_applicable": not_applicable,
            "period_start": window[0][1] if window else None,
            "period_end": window[-1][0] if window else None,
        }

    def needed(self, name: str) -> int:
        """Of how many of the window's periods a trust needs its figures; of a baseline never more than there are."""
        window = self.windows[name]
        least = self.method.metrics[name].window.minimum_periods or len(window)
        return least if window in self.held[name] else min(least, len(window))

    def typical(self, name: str, trust: str) -> Fraction | None:
        """The median of all values of the metric's group but the trust's own, of everyone where that has too few."""
        group = str(self.method.metrics[name].plausibility.group)
        for others in (self.members(group, name, trust) or [], [t for t in self.everyone if t != trust]):
            values = [
                v for t in others if t in self.results[name] and (v := self.results[name][t]["value"]) is not None
            ]
            if len(values) >= 5:
                return quantile(values, Fraction(1, 2))
        return None

    def _status(self, name: str, trust: str) -> tuple[str, bool]:
        """The metric's status, and whether to check the figure first."""
        metric, found = self.method.metrics[name], self.results[name][trust]
        value, rule = found["value"], metric.plausibility
        if found["not_applicable"]:
            return "not_applicable", False
        if value is None:
            return "no_data", False
        check = False
        if rule.group is None:
            low, high = rule.minimum, rule.maximum
            if (low is not None and value < exact(low)) or (high is not None and value > exact(high)):
                return "implausible", False
        else:
            typical = self.typical(name, trust)
            if typical is not None and typical > 0:
                ratio = value / typical
                if ratio > exact(rule.implausible) or ratio < 1 / exact(rule.implausible):
                    return "implausible", False
                check = ratio > exact(rule.check_above) or ratio < exact(rule.check_below)
        if metric.minimum_denominator is not None and found["denominator"] < exact(metric.minimum_denominator):
            return "below_minimum", check
        return "ok", check

    # ---- comparators ---------------------------------------------------------------------------------------------

    def members(self, group: str, name: str, trust: str) -> list[str] | None:
        """Codes a trust is compared with on a metric, its own never; None where it has no peer set."""
        if group == "national":
            return [t for t in self.everyone if t != trust]
        definition = self.method.peer_groups[group]
        if definition.kind == "national":
            return self.members("national", name, trust)
        rows = self.sets.get((group, trust), [])
        if definition.kind == "same_attribute":
            last = self.windows[name][-1][0] if self.windows[name] else date.min
            stated = [(days, name) for name in definition.attributes for days in self.days.get(name, set())]
            held = [days for days, _ in stated if days[1] <= last <= days[0]]
            if not held:
                return None
            first = next(name for days, name in stated if days == max(held))
            if not (fact := self.stated.get((first, max(held), trust))) or not fact.text:
                return None
            texts = {t: self.stated.get((first, max(held), t)) for t in self.everyone if t != trust}
            return [t for t, other in sorted(texts.items()) if other and other.text == fact.text]
        if not rows:
            return None
        return sorted({pair.peer for pair in rows})

    def comparators(self, group: str, opportunity: Opportunity, trust: str) -> list[Fraction] | None:
        """Values of those that have one and are believed."""
        name = opportunity.metric
        members = self.members(group, name, trust)
        if members is None:
            return None
        known = [*members, trust] if opportunity.including_itself else members
        values = [self.results[name][t]["value"] for t in known if self.believed(name, t)]
        return [value for value in values if value > 0] if opportunity.positive_comparators else values

    def believed(self, name: str, trust: str) -> bool:
        return trust in self.statuses[name] and self.statuses[name][trust][0] == "ok"

    # ---- standing ------------------------------------------------------------------------------------------------

    def values(self, name: str, but: str | None = None) -> list[Fraction]:
        """What counts in comparisons of a metric at its window; of everyone but one trust."""
        if not self.method.metrics[name].comparable:
            return []
        return [self.results[name][t]["value"] for t in self.everyone if t != but and self.believed(name, t)]

    def stands(self, name: str, trust: str) -> dict[str, Any]:
        """A trust's standing in a metric at its window."""
        metric = self.method.metrics[name]
        if not (metric.comparable and self.believed(name, trust)):
            return {}
        return standing(self.results[name][trust]["value"], self.values(name, trust), metric)

    def side_by_side(self, opportunity: Opportunity, trust: str) -> dict[str, Any]:
        """The rank among peers, and median and better quartile of peers and of everyone."""
        name = opportunity.metric
        metric, found = self.method.metrics[name], {}
        down = metric.direction == "lower_is_better"
        group: str | None = opportunity.comparator
        if group in ("national", "target") or self.method.peer_groups[str(group)].kind == "national":
            group = self.method.programme.peer_group
        if not metric.comparable:
            return {}
        better = exact(0.25 if down else 0.75)
        for prefix, which in (("peer", group), ("national", "national")):
            values = (self.comparators(which, opportunity, trust) or []) if which else []
            if values:
                found[f"{prefix}_median"] = quantile(values, Fraction(1, 2))
                found[f"{prefix}_quartile"] = quantile(values, better)
        members = (self.members(group, name, trust) or []) if group else []
        peers = [self.results[name][t]["value"] for t in members if self.believed(name, t)]
        peers = [value for value in peers if value > 0 or not opportunity.positive_comparators]
        if peers and self.believed(name, trust):
            own = self.results[name][trust]["value"]
            found["peer_rank"] = 1 + sum(peer < own if down else peer > own for peer in peers)
            found["peer_of"] = 1 + len(peers)
            found["peer_percentile"] = standing(own, peers, metric)["percentile"]
        return found

    # ---- opportunities -------------------------------------------------------------------------------------------

    def opportunity(self, name: str, trust: str) -> dict[str, Any]:
        """One row, without its rank."""
        opportunity = self.method.opportunities[name]
        metric = self.method.metrics[opportunity.metric]
        measured = self.results[opportunity.metric][trust]
        status, check = self.statuses[opportunity.metric][trust]
        row: dict[str, Any] = {
            **{key: measured[key] for key in ("value", "numerator", "denominator", "period_start", "period_end")},
            "comparator": opportunity.comparator,
        }
        of_one = self.expressions(Fraction(1), opportunity, measured, trust)
        row |= {f"{kind}_per_unit": of_one.get(kind) for kind in ("cash", "activity", "staff")}
        flags = {"single_value"} if opportunity.lower is None else set()
        if measured["value"] is not None and self.took_over_after(trust, measured["period_end"]):
            flags.add("predecessor_form")
        if check:
            flags.add("check_data")
        marks: list[Fraction] | None
        trouble, fell_back, others = None, False, []
        if opportunity.comparator == "target":
            row["comparator_count"] = 0
            targets = [self.target(rule, opportunity.metric, trust) for rule in self.rules(opportunity)]
            states = {state for _, state in targets}
            if status != "not_applicable" and "not_applicable" in states:
                status = "not_applicable"
            elif status not in ("not_applicable", "no_data") and "no_data" in states:
                status = "no_data"
            marks = [mark for mark, _ in targets if mark is not None]
        else:
            marks, trouble, row["comparator_count"], fell_back = self.compared(opportunity, trust)
            others = self.comparators("national" if fell_back else opportunity.comparator, opportunity, trust) or []
        if status == "ok":
            status = "not_comparable" if not metric.comparable else trouble or "ok"
        if status == "ok" and marks is not None:
            status = self.gap(row, measured, marks, metric)
            self.worth(row, opportunity, measured, trust)
            self.doubt(row, opportunity, others, status)
            if fell_back:
                row["comparator"] = "national"
                flags.add("fallback_national")
        if row.get("cash_upper") is not None and self.national_price(opportunity, trust):
            flags.add("national_price")
        row |= self.stands(opportunity.metric, trust) | self.side_by_side(opportunity, trust)
        return row | {"status": status, "flags": sorted(flags)}

    def doubt(self, row: dict[str, Any], opportunity: Opportunity, others: list[Fraction], status: str) -> None:
        """What each one left out of the comparators does, and whether the gap may be chance, into the row."""
        metric = self.method.metrics[opportunity.metric]
        units = row["denominator"] / exact(metric.scale)
        rules = self.rules(opportunity)
        gaps = gains_without_one(row["value"], rules, others, metric.direction == "lower_is_better")
        if gaps is not None:
            row["robust_low"], row["robust_high"] = gaps[0] * units, gaps[1] * units
        events, base = float(row["numerator"]), float(row["denominator"])
        if metric.chance is None or events < 0:
            return
        if metric.chance == "count":
            low, high = (limit / base for limit in byar(events, metric.confidence))
        elif events <= base:
            low, high = wilson(events, base, metric.confidence)
        else:
            return
        reaches = low * metric.scale <= row["benchmark_upper"] <= high * metric.scale
        row["compared"] = "similar" if reaches else "worse" if row["distance_upper"] > 0 else "better"
        if status == "opportunity":
            row["within_chance"] = reaches

    @staticmethod
    def rules(opportunity: Opportunity) -> list[Benchmark]:
        return [opportunity.lower or opportunity.upper, opportunity.upper]

    def compared(self, opportunity: Opportunity, trust: str) -> tuple[list[Fraction] | None, str | None, int, bool]:
        """Benchmarks, what is in the way of them, the number of comparators, and whether they are the fallback's."""
        values = self.comparators(opportunity.comparator, opportunity, trust)
        if values is None:
            return None, "no_peer_set", 0, False
        fell_back = False
        if len(values) < opportunity.minimum_comparators:
            wider = self.comparators("national", opportunity, trust) or []
            if opportunity.fallback is None or len(wider) < opportunity.minimum_comparators:
                return None, "insufficient_comparators", len(values), False
            values, fell_back = wider, True
        better_is_less = self.method.metrics[opportunity.metric].direction == "lower_is_better"
        marks = [benchmark(rule, values, better_is_less) for rule in self.rules(opportunity)]
        return marks, None, len(values), fell_back

    def gap(self, row: dict[str, Any], measured: dict[str, Any], marks: list[Fraction], metric: Metric) -> str:
        """Benchmarks, gaps and units into the row; the status they make."""
        sign = 1 if metric.direction == "lower_is_better" else -1
        gaps = sorted(max(Fraction(0), sign * (measured["value"] - mark)) for mark in marks)
        modest, ambitious = sorted(marks, key=lambda mark: -sign * mark)
        row |= {"benchmark_lower": modest, "benchmark_upper": ambitious}
        row["distance_lower"] = sign * (measured["value"] - modest)
        row["distance_upper"] = sign * (measured["value"] - ambitious)
        for end, gap in zip(("lower", "upper"), gaps, strict=True):
            row[f"gap_{end}"] = gap
            row[f"units_{end}"] = gap / exact(metric.scale) * measured["denominator"]
        return "opportunity" if row["gap_upper"] > 0 else "at_or_better_than_benchmark"

    def target(self, rule: Benchmark, name: str, trust: str) -> tuple[Fraction | None, str]:
        if rule.value is not None:
            return exact(rule.value), "ok"
        percent = exact(rule.percent_off) / 100
        part = 1 - percent if self.method.metrics[name].direction == "lower_is_better" else 1 + percent
        window = self.windows[name]
        if rule.period is not None:
            value = self.baseline(rule.period, name, trust)
            return (None, "no_data") if value is None else (part * value, "ok")
        dataset, measure = str(rule.measure).split(".")
        own = [f for f in self.by_code.get(trust, []) if (f.dataset, f.measure) == (dataset, measure)]
        begun = [f for f in own if window and f.start <= window[-1][0]]
        if not begun:
            return None, "no_data"
        newest = max(begun, key=lambda f: (f.end, f.start))
        if newest.state == "value" and newest.value is not None:
            return part * exact(rule.times) * exact(newest.value), "ok"
        return None, "not_applicable" if newest.state == "not_applicable" else "no_data"

    def baseline(self, period: NamedPeriod, name: str, trust: str) -> Fraction | None:
        """The trust's own believed value of a named period, unless the window ends before it."""
        here = self.windows[name]
        start, end = days_of(period, self.method.programme.year_starts)
        there = within(self._held(self.method.metrics[name]), start, end)
        if not there or not here or here[-1][0] < end:
            return None
        self.stand(name, there)
        value = self.results[name][trust]["value"] if self.statuses[name][trust][0] == "ok" else None
        self.stand(name, here)
        return value

    def worth(self, row: dict[str, Any], opportunity: Opportunity, measured: dict[str, Any], trust: str) -> None:
        """Cash, activity and staff into the row, and `annual`, the cash of a year."""
        for end in ("lower", "upper"):
            known = self.expressions(row[f"units_{end}"], opportunity, measured, trust)
            for name in ("cash", "activity", "staff"):
                row[f"{name}_{end}"] = known.get(name)
        annual = opportunity.cash is not None and opportunity.cash.annual
        per_unit = self.expressions(Fraction(1), opportunity, measured, trust).get("cash")
        scale = exact(self.method.metrics[opportunity.metric].scale)
        year = self.days_of_a_year(measured)
        for end in ("lower", "upper"):
            cash = row[f"cash_{end}"]
            row[f"cash_per_year_{end}"] = cash if cash is None or annual else cash * year / measured["days"]
            if per_unit is not None:
                row[f"distance_cash_{end}"] = row[f"distance_{end}"] / scale * measured["denominator"] * per_unit
        row["annual"] = row["cash_per_year_upper"]

    def days_of_a_year(self, measured: dict[str, Any]) -> int:
        """Those of the window if it goes from a day to the eve of its anniversary, else 365."""
        start, end = measured["period_start"], measured["period_end"]
        if start is None or (start.month, start.day) == (2, 29):
            return 365
        anniversary = start.replace(year=start.year + 1)
        return (anniversary - start).days if (anniversary - end).days == 1 else 365

    def expressions(
        self, units: Fraction, opportunity: Opportunity, measured: dict[str, Any], trust: str
    ) -> dict[str, Fraction | None]:
        """What so many units come to, by each way there is."""
        known: dict[str, Fraction | None] = {"units": units}
        while missing := [name for name in opportunity.routes if name not in known]:
            for name in missing:
                route = opportunity.routes[name]
                if route.of not in known:
                    continue
                amount = known[route.of]
                factor: Fraction | None = Fraction(1)
                if route.times:
                    factor = exact(self.method.prices[route.times].value)
                elif route.divide_by:
                    factor = 1 / exact(self.method.prices[route.divide_by].value)
                elif route.per_day:
                    factor = Fraction(1, measured["days"]) if measured["days"] else None
                elif route.own_rate:
                    factor = self.own_rate(route.own_rate, opportunity.metric, trust)
                known[name] = None if amount is None or factor is None else amount * factor
        return known

    def own_rate(self, rate: Rate, name: str, trust: str) -> Fraction | None:
        own = self.paid(rate, name, trust)
        if own is None and rate.otherwise_national:
            own = self.paid_by_all(rate, name)
        if own is None or rate.less is None:
            return own
        less = self.own_rate(rate.less, name, trust)
        return None if less is None else own - less

    def paid(self, rate: Rate, name: str, trust: str) -> Fraction | None:
        top, bottom, _, _ = self.sums(rate, self.windows[name], self.needed(name), trust)
        return top / bottom if self.is_price(rate, top, bottom) and bottom else None

    @staticmethod
    def is_price(rate: Rate, top: Fraction | None, bottom: Fraction | None) -> bool:
        return top is not None and bool(bottom and bottom > 0) and bool(top or rate.zero_numerator == "valid")

    def paid_by_all(self, rate: Rate, name: str) -> Fraction | None:
        pairs = [self.sums(rate, self.windows[name], self.needed(name), t)[:2] for t in self.everyone]
        pairs = [(top, bottom) for top, bottom in pairs if self.is_price(rate, top, bottom)]
        tops, bottoms = ([pair[side] or Fraction(0) for pair in pairs] for side in (0, 1))
        return sum(tops, Fraction(0)) / sum(bottoms, Fraction(0)) if pairs else None

    def national_price(self, opportunity: Opportunity, trust: str) -> bool:
        """Whether a price is the national one because the trust has none."""
        rates = [route.own_rate for route in opportunity.routes.values()]
        rates += [rate.less for rate in rates if rate is not None]
        return any(
            rate.otherwise_national and self.paid(rate, opportunity.metric, trust) is None
            for rate in rates
            if rate is not None
        )

    def _successions(self) -> list[tuple[str, str, date]]:
        rule = self.method.programme.population.successors
        name = (rule.dataset, rule.successor)
        landed = [(f.code, f.text or "", f.start) for f in self.facts if (f.dataset, f.measure) == name]
        return landed + [(s.predecessor, s.successor, date.fromisoformat(s.date)) for s in rule.overrides]

    def took_over_after(self, trust: str, day: date) -> bool:
        return any(new == trust and old != trust and at > day for old, new, at in self.successions)

    def rows(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Every trust × opportunity, ranked."""
        found = {(t, name): self.opportunity(name, t) for t in self.trusts for name in self.method.opportunities}
        for trust in self.trusts:
            counted = [(name, row) for (t, name), row in found.items() if t == trust and row["status"] == "opportunity"]

            def size(item: tuple[str, dict[str, Any]]) -> tuple[bool, Fraction, str]:
                name, row = item
                without = row["annual"] is None
                return without, -(row["units_upper"] / row["denominator"] if without else row["annual"]), name

            for rank, (name, _) in enumerate(sorted(counted, key=size), 1):
                found[trust, name]["rank"] = rank
        return found
