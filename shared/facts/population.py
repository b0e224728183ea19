"""Which codes are trusts, by the programme's rule and the landed register."""

import re
from datetime import date

from shared.facts.facts import Facts
from shared.facts.successors import Successors
from shared.method.programme import Programme
from shared.method.terms import Ref


class Population:
    """`registered`: the codes in the newest register that meet the programme's condition, without excluded ones.
    `names`: code → text. `attributes`: id → code → text. `opened`, `closed`: code → first and last day.

    Without a register all of them are empty. `successors_dataset`: that of the successions; None if there is none.
    """

    def __init__(self, facts: Facts, programme: Programme) -> None:
        rule = programme.population
        self._pattern = re.compile(rule.pattern) if rule.pattern is not None else None
        self._excluded = frozenset(rule.excluded)
        self._everyone = rule.pattern is None and rule.trust_register is None
        register = rule.trust_register

        def newest(measure: str | None) -> dict[str, str]:
            if register is None or measure is None:
                return {}
            ref = Ref(register.dataset, measure)
            period = facts.newest([ref])
            if period is None:
                return {}
            rows = facts.at(ref, period)
            return {str(code): text for code, text in rows["text"].items() if isinstance(text, str)}

        self.names = newest(register.name if register else None)
        self.attributes = {one.id: newest(one.measure) for one in (register.attributes if register else ())}
        self.opened = _days(newest(register.opened if register else None))
        self.closed = _days(newest(register.closed if register else None))
        codes = set(self.names)
        if register and register.trust_where is not None:
            condition = re.compile(register.trust_where.pattern)
            texts = newest(register.trust_where.measure)
            codes = {code for code in codes if condition.search(texts.get(code, ""))}
        self.registered = frozenset(codes - self._excluded)
        self.successors = successors_of(facts, programme)
        self._reporting = _reporting(facts, set(rule.lists))
        self.successors_dataset = rule.successors.dataset if rule.successors else None

    def is_known(self, code: str) -> bool:
        """Whether the register lists a code, or a file has a figure for it. Without a register all codes are known."""
        return not self.names or code in self.names or code in self._reporting

    def is_trust(self, code: str) -> bool:
        """Whether a code is a trust's: it matches the programme's pattern, or the register lists it; any code if the
        programme has neither."""
        if code in self._excluded:
            return False
        return (
            self._everyone
            or code in self.registered
            or (self._pattern is not None and self._pattern.fullmatch(code) is not None)
        )


def _reporting(facts: Facts, without: set[str]) -> frozenset[str]:
    """The codes that have a figure in any dataset but these."""
    tables = [table for dataset, table in facts.tables.items() if dataset not in without]
    codes = (table.loc[(table["state"] == "value") & table["value"].notna(), "code"].unique() for table in tables)
    return frozenset(str(code) for each in codes for code in each)


def successors_of(facts: Facts, programme: Programme) -> Successors:
    """The landed successions and those that the method adds."""
    rule = programme.population.successors
    if rule is None:
        return Successors()
    rows = facts.rows(Ref(rule.dataset, rule.successor))
    landed = [
        (str(old), str(new), day)
        for old, new, day in zip(rows["code"], rows["text"], rows["period_start"], strict=True)
        if isinstance(new, str) and isinstance(day, date)
    ]
    added = [(s.predecessor, s.successor, date.fromisoformat(s.date)) for s in rule.overrides]
    return Successors([*landed, *added])


def _days(texts: dict[str, str]) -> dict[str, date]:
    return {code: date.fromisoformat(text) for code, text in texts.items()}
