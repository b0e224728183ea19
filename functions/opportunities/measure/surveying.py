"""Makes the survey of a dataset from its facts."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from functions.opportunities.arrays import Whole
from functions.opportunities.measure.measures import LandedMeasures
from functions.opportunities.measure.survey import DatasetSurvey, Entry
from shared.facts.facts import Facts
from shared.method.terms import Period, Ref


def surveyed(facts: Facts, dataset: str, measures: Iterable[str]) -> DatasetSurvey:
    """The survey of some measures of a dataset. `facts`: findings applied."""
    measures = sorted({*measures})
    landed = LandedMeasures(facts, [f"{dataset}.{measure}" for measure in measures])
    units = landed.units.get(dataset)
    kept: dict[bytes, Whole] = {}  # most measures of a file have the same codes

    def once(places: Whole) -> Whole:
        return kept.setdefault(places.tobytes(), places)

    entries: dict[str, dict[Period, Entry]] = {}
    for measure in measures:
        of_units = units.with_figures(measure) if units else set()
        held = landed.periods(f"{dataset}.{measure}")
        entries[measure] = {
            period: Entry(once(rows.code), once(rows.code[~np.isnan(rows.value)]), period in of_units)
            for period, rows in held.items()
        }
        nothing = np.empty(0, dtype=np.int64)
        entries[measure] |= {period: Entry(nothing, nothing, True) for period in of_units - held.keys()}
    zero = {ref.measure: periods for ref, periods in facts.zero_where_absent.items() if ref.dataset == dataset}
    return DatasetSurvey([str(code) for code in landed.codes], entries, zero)


def merged(surveys: Sequence[DatasetSurvey]) -> DatasetSurvey:
    """Surveys of one dataset that have no period in common, as one; it is the same however they were cut."""
    codes = sorted({code for one in surveys for code in one.codes})
    place = {code: nth for nth, code in enumerate(codes)}
    entries: dict[str, dict[Period, Entry]] = {measure: {} for one in surveys for measure in one.entries}
    zero: dict[str, frozenset[Period]] = {}
    for one in surveys:
        now = np.array([place[code] for code in one.codes], dtype=np.int64)
        moved: dict[int, Whole] = {}
        for measure, periods in one.entries.items():
            for period, entry in periods.items():
                for places in entry[:2]:
                    if id(places) not in moved:
                        moved[id(places)] = now[places]
                rows, figures = moved[id(entry.rows)], moved[id(entry.figures)]
                entries[measure][period] = Entry(rows, figures, entry.of_units)
        for measure, days in one.zero_where_absent.items():
            zero[measure] = zero.get(measure, frozenset()) | days
    return DatasetSurvey(codes, {name: dict(sorted(periods.items())) for name, periods in entries.items()}, zero)


def surveys_of(facts: Facts, names: Iterable[str]) -> Mapping[str, DatasetSurvey]:
    """The survey of each dataset, of the measures `names` by their full names."""
    refs = [Ref.parse(name) for name in names]
    return {
        dataset: surveyed(facts, dataset, (ref.measure for ref in refs if ref.dataset == dataset))
        for dataset in sorted({ref.dataset for ref in refs} & facts.tables.keys())
    }
