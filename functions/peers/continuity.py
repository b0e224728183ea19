"""What files tell about each other: a period that repeats the one before, a file that drops organisations of the one it
replaced, and codes that were probably mistyped."""

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shared.facts.apply_findings import FindingRow
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.facts.row_arrays import encoded
from shared.findings import listed
from shared.method.contracts import Dataset
from shared.method.prices import PRICES

if TYPE_CHECKING:
    from shared.landing.snapshot import Snapshot
    from shared.method.method import Method

REPEATED, REPLACED, MISTYPED = "repeated_period", "replaced_file", "mistyped_code"
NOT_TRUSTS = "not_trusts"
_SAME, _COMPARED = 0.9, 20
"""Which share of the figures other than zero has to be the same, and of how many."""


def repeated(table: pd.DataFrame, contract: Dataset) -> Iterator[FindingRow]:
    """Periods in which most figures equal those of the period before, as if the same file had been landed again."""
    amounts = table["value"].to_numpy(np.float64)
    figures = np.flatnonzero(encoded(table["state"]).among({"value"}) & ~np.isnan(amounts) & (amounts != 0))
    labels, code, measure = (encoded(table[name]) for name in ("period", "code", "measure"))
    key = code.place * len(measure.values) + measure.place
    by_period = {}
    for place, name in enumerate(labels.values):
        rows = figures[labels.place[figures] == place][::-1]  # of two rows about one figure the later counts
        keys, first = np.unique(key[rows], return_index=True)
        by_period[name] = keys, amounts[rows[first]]
    days = {str(name): contract.period.of(str(name)) for name, (keys, _) in by_period.items() if len(keys)}
    dated = sorted((period, name) for name, period in days.items() if period is not None)
    for (_, earlier), (_, label) in pairwise(dated):
        (then, before), (now, after) = by_period[earlier], by_period[label]
        both, one, other = np.intersect1d(then, now, assume_unique=True, return_indices=True)
        same = int((before[one] == after[other]).sum())
        if len(both) >= _COMPARED and same >= _SAME * len(both):
            yield {
                "severity": "warning",
                "rule": REPEATED,
                "dataset": contract.id,
                "period": label,
                "message": f"{contract.id} {label}: {same:,} of {len(both):,} figures are the same as in {earlier}. "
                f"The file of {earlier} may have been landed again as {label}. If so, land the file of {label}; until "
                "then the figures are used as they are.",
            }


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


def mistyped(facts: Facts, population: Population, method: "Method") -> Iterator[FindingRow]:
    """Unknown codes that are like the code of an open trust which their file lacks."""
    if not population.registered:
        return
    closed = {code for code, day in population.closed.items() if day <= facts.newest_day(population.successors_dataset)}
    trusts = population.registered - closed
    known = population.registered | population.successors.known() | population.names.keys()
    unlisted = (
        "in neither register nor successions" if method.programme.population.successors else "not in the register"
    )
    for dataset, table in facts.tables.items():
        earlier: set[str] = set()
        for period, here in sorted(codes_by_label(table).items()):
            absent = ((earlier or trusts) & trusts) - here
            for stranger in sorted(here - known):
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


def not_trusts(facts: Facts, population: Population, method: "Method") -> Iterator[FindingRow]:
    """How many organisations of a dataset's newest file are not trusts of the programme, so that none is passed over
    in silence. Of the register and the successions this says nothing."""
    if not population.registered:
        return
    rules, words = method.programme.population, method.programme.organisation
    for dataset, table in facts.tables.items():
        if dataset in rules.lists:
            continue
        period, codes = max(codes_by_label(table).items(), default=("", set()))
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


def codes_by_label(table: pd.DataFrame) -> dict[str, set[str]]:
    """Label → the codes that its file has rows of."""
    label, code = encoded(table["period"]), encoded(table["code"])
    pairs = np.unique(label.place * len(code.values) + code.place)
    codes: dict[str, set[str]] = {}
    for name, one in zip(*np.divmod(pairs, max(1, len(code.values))), strict=True):
        codes.setdefault(str(label.values[name]), set()).add(str(code.values[one]))
    return codes


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
