"""Which codes are trusts, by the programme's rule and the landed register."""

import copy
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Self

from shared.facts.facts import Facts
from shared.facts.successors import Successors
from shared.method.programme import Level, Programme
from shared.method.terms import Ref


class Population:
    """`registered`: the codes in the newest register that meet the programme's condition, without excluded ones.
    `names`: code → text. `attributes`: id → code → text. `opened`, `closed`: code → first and last day.

    Without a register all of them are empty. `successors_dataset`: that of the successions; None if there is none.
    `members`: level → code → the organisation of that level to which it belongs. `ambiguous`: level → the codes that
    cannot be organisations of it, since another organisation has them.
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
            named = zip(rows.index.tolist(), rows["text"].tolist(), strict=True)
            return {str(code): text for code, text in named if isinstance(text, str)}

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
        self.members: dict[str, dict[str, str]] = {}
        self.ambiguous: dict[str, frozenset[str]] = {}
        self._level_names: dict[str, dict[str, str]] = {}
        for level in rule.levels[1:]:
            self._add_level(level.id, newest(level.measure), newest(level.name))
        self._reporting = facts.reporting(rule.lists)
        self.successors_dataset = rule.successors.dataset if rule.successors else None

    def everyone(self) -> list[str]:
        """Every trust in the register or with a figure in any dataset, in code order."""
        return sorted(self.registered | {code for code in self._reporting if self.is_trust(code)})

    def is_known(self, code: str) -> bool:
        """Whether the register lists a code, or a file has a figure for it. Without a register all codes are known."""
        return not self.names or code in self.names or code in self._reporting or self.is_above(code)

    def is_trust(self, code: str) -> bool:
        """Whether a code is a trust's: it matches the programme's pattern, or the register lists it; any code if the
        programme has neither. A code of a further level is none."""
        if code in self._excluded:
            return False
        matches = self._pattern is not None and self._pattern.fullmatch(code) is not None
        return self._everyone or code in self.registered or (matches and not self.is_above(code))

    def is_above(self, code: str) -> bool:
        """Whether a code is that of an organisation of a further level."""
        return any(code in names for names in self._level_names.values())

    def _add_level(self, level: str, belongs: Mapping[str, str], names: Mapping[str, str]) -> None:
        codes = {member: _plain(code) for member, code in belongs.items()}
        taken = {*self.names, *(code for others in self._level_names.values() for code in others)}
        self.ambiguous[level] = frozenset(taken & {*codes.values()})
        self.members[level] = {member: code for member, code in codes.items() if code not in taken}
        self._level_names[level] = {}
        of_code: dict[str, list[str]] = {}
        for member, code in sorted(self.members[level].items()):
            of_code.setdefault(code, []).extend([names[member]] if member in names else [])
        for code, spellings in of_code.items():  # of several names the most frequent, or else the first
            ((name, _),) = Counter(spellings).most_common(1) or ((code, 0),)
            self._level_names[level][code] = name

    def of_level(self, level: Level) -> Self:
        """The organisations of a further level: those to which the registered trusts belong. They have the attributes
        that all of their members share, and neither successors nor days of opening."""
        above = copy.copy(self)
        members = self.members[level.id]
        above.registered = frozenset(members[code] for code in self.registered if code in members)
        above.names = {code: name for code, name in self._level_names[level.id].items() if code in above.registered}
        shared = {
            name: shared_by_all((members[code], text) for code, text in texts.items() if code in members)
            for name, texts in self.attributes.items()
        }
        above.attributes = {  # that it belongs to itself need not be said
            name: {code: text for code, text in texts.items() if _plain(text) != code} for name, texts in shared.items()
        }
        above.opened, above.closed, above.successors = {}, {}, Successors()
        above._pattern, above._everyone = None, False
        further = [*self.members][[*self.members].index(level.id) + 1 :]
        above.members = {
            name: shared_by_all((members[code], other) for code, other in self.members[name].items() if code in members)
            for name in further
        }
        return above

    def member_of(self, level: str, code: str) -> str | None:
        """The organisation of a level to which a code belongs. One that the register does not place belongs where its
        successors do, if they agree."""
        members = self.members[level]
        if code in members:
            return members[code]
        found = {members.get(now) for now in self.successors.present(code)}
        return found.pop() if len(found) == 1 else None


def _plain(code: str) -> str:
    return " ".join(code.split()).upper()


def shared_by_all(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Code → its text, for each code of which all pairs have the same text."""
    texts: dict[str, set[str]] = {}
    for code, text in pairs:
        texts.setdefault(code, set()).add(text)
    return {code: found.pop() for code, found in texts.items() if len(found) == 1}


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
