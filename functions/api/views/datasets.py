"""Datasets: the contracts of a release's method, and the periods for which the release has files."""

from collections.abc import Iterator
from typing import Any

from functions.api.explain.contract_sentences import check_phrase, required_phrase, way_phrase
from functions.api.http.problems import not_in_release
from functions.api.http.queries import Query
from functions.api.release import Release
from functions.api.schemas.datasets import (
    CheckAnswer,
    ColumnAnswer,
    DatasetAnswer,
    DatasetList,
    DatasetSummary,
    DerivedAnswer,
    LandedPeriod,
    PeriodAnswer,
    RowUnit,
)
from shared.keys import Slot
from shared.method.contracts import ColumnPlace, Dataset, Measure, Numbers, PeriodRule, Value
from shared.method.periods import example_of, next_label

_HOLDS = {"code": "code", "unit": "code", "period": "date", "measure": "text", "key": "text"}
"""What the columns hold that are not measures; others hold a figure."""


def datasets(release: Release, query: Query) -> DatasetList:
    """All datasets, with the periods that the release has files for."""
    definitions = sorted(release.method.datasets.items())
    return DatasetList(datasets=tuple(DatasetSummary(**_summary(release, one)) for _, one in definitions))


def dataset(release: Release, query: Query, dataset: str) -> DatasetAnswer:
    """One dataset: its contract, which says what a file must have and how it is checked."""
    known = release.method.datasets
    if dataset not in known:
        raise not_in_release("dataset", dataset, known)
    contract = known[dataset]
    return DatasetAnswer(
        **_summary(release, contract),
        land_as=f"{dataset}/<period>/<file>",
        period=_period(contract.period),
        layout=contract.layout,
        rows="several" if contract.relation else "one",
        row_unit=contract.unit and RowUnit(called=contract.unit.called, plural=contract.unit.plural),
        code_pattern=contract.code.pattern,
        columns=tuple(_columns(contract)),
        derived=tuple(
            DerivedAnswer(measure=name, title=one.title, unit=one.unit, ways=tuple(map(way_phrase, one.ways)))
            for name, one in contract.derived.items()
        ),
        families=contract.families,
        checks=tuple(
            CheckAnswer(rule=name, severity=one.severity, words=check_phrase(one, contract), reason=one.because)
            for name, one in contract.checks.items()
        ),
        markers=contract.markers,
        totals=contract.totals,
        expects=contract.expects,
    )


def _summary(release: Release, contract: Dataset) -> dict[str, Any]:
    periods = _periods(release, contract.id)
    rule = contract.period
    return {
        "dataset": contract.id,
        "title": contract.title,
        "source": contract.source,
        "licence": contract.licence,
        "scope": f"supply:{contract.id}",
        "periods": periods,
        "next_period": next_label([one.period for one in periods], rule.kind, rule.year_starts),
    }


def _periods(release: Release, dataset: str) -> tuple[LandedPeriod, ...]:
    slots = [Slot(*one.slot.split("/")) for one in release.manifest.inputs]
    parts: dict[str, list[str]] = {}
    for slot in sorted(slots):
        if slot.dataset == dataset:
            parts.setdefault(slot.period, []).extend(filter(None, [slot.part]))
    return tuple(LandedPeriod(period=period, parts=tuple(names)) for period, names in parts.items())


def _period(rule: PeriodRule) -> PeriodAnswer:
    return PeriodAnswer(
        kind=rule.kind,
        example=example_of(rule.kind),
        year_starts=rule.year_starts,
        column=rule.title if rule.in_file else None,
        formats=rule.formats,
    )


def _columns(contract: Dataset) -> Iterator[ColumnAnswer]:
    """The columns of the file in the contract's order, and the measures that are read from the rows of a long or a
    keyed file."""
    for name, place in contract.places.items():
        if not isinstance(place, Measure):
            limits = _limits(place) if isinstance(place, Value) else {}
            holds = _HOLDS.get(name, "number")
            yield _column(name.removeprefix("values."), place, holds=holds, required="yes", **limits)
    for name, measure in contract.measures.items():
        yield _column(
            name,
            _place(contract, measure),
            holds=measure.type,
            formats=measure.formats,
            share_of=measure.share_of,
            of_keys=measure.of_keys,
            but_not=measure.but_not,
            required="yes" if contract.keyed else required_phrase(contract, measure),
            **_limits(measure),
        )


def _place(contract: Dataset, measure: Measure) -> ColumnPlace:
    """Where a measure's figures stand; nowhere of its own in a long file."""
    if contract.keyed:
        return contract.keyed.values[measure.value or ""]
    return ColumnPlace() if contract.long else measure


def _limits(numbers: Numbers) -> dict[str, Any]:
    return {"unit": numbers.unit, "minimum": numbers.minimum, "maximum": numbers.maximum}


def _column(name: str, place: ColumnPlace, **other: Any) -> ColumnAnswer:
    return ColumnAnswer.model_validate(
        {"column": name, "heading": place.heading, "aliases": place.aliases, "position": place.at} | other
    )
