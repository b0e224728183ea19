"""Successions that the register or the figures contradict, and unknown codes in lists of peers."""

from collections.abc import Iterator
from datetime import date

from functions.peers.datasets.known import KnownFacts
from shared.facts.apply_findings import FindingRow
from shared.facts.population import Population
from shared.findings import listed
from shared.method.method import Method
from shared.method.peer_groups import LandedListGroup
from shared.method.terms import Ref

CONTRADICTED, STRANGERS = "contradicted_succession", "unknown_peer"


def contradicted(facts: KnownFacts, population: Population, method: Method) -> Iterator[FindingRow]:
    """Successions of open trusts that still report, and unknown successors."""
    rule = method.programme.population
    if rule.successors is None or rule.trust_register is None:
        return
    rows = facts.rows(Ref(rule.successors.dataset, rule.successors.successor))
    today = facts.newest_day(rule.successors.dataset)
    for row in rows.sort_values(["period_start", "code", "text"]).itertuples():
        old, new, day = str(row.code), row.text, row.period_start
        if not isinstance(new, str) or not isinstance(day, date) or day > today or old not in population.registered:
            continue
        reasons = []
        if old not in population.closed:
            reasons.append(f"{rule.trust_register.dataset} lists {old} as open")
        reports = _reports(facts, old, day, rule.successors.dataset)
        unknown = not population.is_known(new)
        if unknown:
            reasons.append(f"neither the register nor any figure knows {new}")
        if reports:
            reasons.append(f"{old} reports in {reports}")
        if unknown or (old not in population.closed and reports):
            yield {
                "severity": "warning",
                "rule": CONTRADICTED,
                "dataset": rule.successors.dataset,
                "period": str(row.period),
                "trust_code": old,
                "row": row.row,
                "message": f"{rule.successors.dataset} {row.period} says that {new} took {old} over on {day}, but "
                f"{', and '.join(reasons)}. Correct the one that is wrong and land it again."
                + (f" Until then {old} stays in the lists of peers." if unknown else ""),
            }


def _reports(facts: KnownFacts, code: str, since: date, successions: str) -> str:
    """The newest dataset and period, begun since a day, in which a code has a figure; empty if there is none."""
    found = []
    for dataset, one in facts.known.items():
        if dataset != successions:
            own = one.held[(one.held["code"] == code) & one.held["reports"]]
            own = own[own["period_start"].map(lambda day: isinstance(day, date) and day >= since).astype(bool)]
            found += [(end, dataset, str(label)) for end, label in zip(own["period_end"], own["period"], strict=True)]
    if not found:
        return ""
    _, dataset, label = max(found)
    return f"{dataset} {label}"


def strangers(facts: KnownFacts, population: Population, method: Method) -> Iterator[FindingRow]:
    """Unknown codes in landed lists of peers: they are not listed as peers."""
    for group_id, group in method.peer_groups.items():
        if not isinstance(group, LandedListGroup):
            continue
        ref = Ref.parse(group.measure)
        rows = facts.rows(ref)
        texts = rows.loc[(rows["period"] == group.list) & (rows["state"] == "value"), "text"]
        unknown = sorted({str(code) for code in texts if not population.is_known(str(code))})
        if unknown:
            yield {
                "severity": "warning",
                "rule": STRANGERS,
                "dataset": ref.dataset,
                "period": group.list,
                "measure": ref.measure,
                "message": f"{ref.dataset} {group.list} names {len(unknown)} peers ({listed(unknown)}) that neither "
                f"the register nor a file with figures has. They are left out of {group_id}. Correct the list and land "
                "it again.",
            }
