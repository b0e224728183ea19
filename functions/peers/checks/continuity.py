"""What files tell about each other: organisations that a new file drops, mistyped codes, and organisations that are no
trusts."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from functions.peers.datasets.known import KnownFacts
from shared.facts.apply_findings import FindingRow
from shared.facts.population import Population
from shared.findings import listed
from shared.method.prices import PRICES

if TYPE_CHECKING:
    from shared.landing.snapshot import Snapshot
    from shared.method.method import Method

REPLACED, MISTYPED = "replaced_file", "mistyped_code"
NOT_TRUSTS = "not_trusts"


def replaced(snapshot: "Snapshot", method: "Method") -> Iterator[FindingRow]:
    """Files that were replaced by a file of another name without some of their organisations or units."""
    for lost in snapshot.replaced:
        unit = method.datasets[lost.file.dataset].unit
        of_what = unit.plural if unit else PRICES if lost.file.dataset == PRICES else "organisations"
        file, slot = lost.by, lost.by.slot
        one, other = (key.rpartition("/")[2] for key in (file.landing_key, lost.file.landing_key))
        yield {
            "severity": "warning",
            "rule": REPLACED,
            "dataset": file.dataset,
            "period": file.period,
            "file_id": file.file_id,
            "message": f"{one} replaced {other} as the file of {slot} and lacks {len(lost.codes)} of its "
            f"{lost.total} {of_what} ({listed(lost.codes)}). If both belong together, land them as parts "
            f"({file.dataset}/{file.period}/<part>/…) or as one file. If {one} is the whole file, delete {other}.",
        }


def mistyped(facts: KnownFacts, population: Population, method: "Method") -> Iterator[FindingRow]:
    """Unknown codes that are like the code of an open trust which their file lacks."""
    if not population.registered:
        return
    closed = {code for code, day in population.closed.items() if day <= facts.newest_day(population.successors_dataset)}
    trusts = population.registered - closed
    known = population.registered | population.successors.known() | population.names.keys()
    unlisted = (
        "in neither register nor successions" if method.programme.population.successors else "not in the register"
    )
    for dataset in facts.known:
        earlier: set[str] = set()
        for period, here in sorted(facts.codes_by_label(dataset).items()):
            strangers = sorted(here - known)
            absent = ((earlier or trusts) & trusts) - here if strangers else set()
            for stranger in strangers:
                if likely := _like(stranger, absent):
                    what = "looks like a unit of" if stranger.startswith(likely) else "is probably mistyped for"
                    yield {
                        "severity": "warning",
                        "rule": MISTYPED,
                        "dataset": dataset,
                        "period": str(period),
                        "trust_code": likely,
                        "message": f"{dataset} {period}: {stranger} is {unlisted}, and "
                        f"{likely} is missing. {stranger} {what} {likely}: correct the code and land the file again. "
                        "Until then its figures are not used.",
                    }
            earlier = here


def not_trusts(facts: KnownFacts, population: Population, method: "Method") -> Iterator[FindingRow]:
    """How many organisations of a dataset's newest file are not trusts of the programme, so that none is passed over
    in silence. Of the register and the successions this says nothing."""
    if not population.registered:
        return
    rules, words = method.programme.population, method.programme.organisation
    for dataset in facts.known:
        if dataset in rules.lists:
            continue
        period, codes = max(facts.codes_by_label(dataset).items(), default=("", set()))
        others = sorted(code for code in codes if not (population.is_trust(code) or population.is_above(code)))
        if others:
            yield {
                "severity": "warning",
                "rule": NOT_TRUSTS,
                "dataset": dataset,
                "period": str(period),
                "message": f"{dataset} {period}: {len(others)} of {len(codes)} organisations are not {words.many} of "
                f"the programme ({listed(others, 5)}); their figures are not used. If one of them is "
                f"{words.with_article}, correct its code or land a newer register.",
            }


def _like(stranger: str, absent: Collection[str]) -> str | None:
    """The absent code that a stranger's code stands for, if there is just one: the stranger's begins with that code, or
    differs from it in one character or in two neighbours that are exchanged."""
    likely = [code for code in absent if stranger.startswith(code) or _nearly(stranger, code)]
    return likely[0] if len(likely) == 1 else None


def _nearly(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    different = [nth for nth, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(different) == 2:
        first, second = different
        return second == first + 1 and one[first] == other[second] and one[second] == other[first]
    return len(different) == 1
