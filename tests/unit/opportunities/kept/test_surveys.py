"""A dataset's survey as tables."""

from datetime import date

import numpy as np
import pandas as pd

from functions.opportunities.kept.surveys import TEXTS, About, Surveyed, from_tables, to_tables
from functions.opportunities.measure.survey import DatasetSurvey, Entry
from shared.ids import FileId
from shared.method.terms import Period

MAY, JUNE = Period(date(2025, 5, 31), date(2025, 5, 1)), Period(date(2025, 6, 30), date(2025, 6, 1))


def places(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_a_survey_comes_back_as_it_was() -> None:
    texts = pd.DataFrame(
        [["R1", None, MAY.start, MAY.end, "name", None, "One", "value", None, "May", False]], columns=TEXTS.names
    )
    survey = DatasetSurvey(
        ["R1", "R2", "R3"],
        {
            "cost": {MAY: Entry(places(0, 1), places(0), False), JUNE: Entry(places(), places(), True)},
            "area": {},
            "staff": {MAY: Entry(places(0, 1), places(0, 1), False)},
        },
        {"cost": frozenset({JUNE})},
    )
    labels = {MAY: ["May", "spring"], JUNE: ["June"]}
    about = {FileId("f1"): About("a" * 64, 3_000_000_000)}
    found = from_tables(to_tables(Surveyed(survey, texts, labels, about)))
    assert found.survey.codes == survey.codes
    assert found.survey.zero_where_absent == survey.zero_where_absent
    assert (found.labels, found.about) == (labels, about)
    assert found.survey.entries.keys() == survey.entries.keys()
    for measure, periods in survey.entries.items():
        assert [*found.survey.entries[measure]] == [*periods]
        for period, entry in periods.items():
            rows, figures, of_units = found.survey.entries[measure][period]
            assert (rows.tolist(), figures.tolist(), of_units) == (
                entry.rows.tolist(),
                entry.figures.tolist(),
                entry[2],
            )
    (row,) = found.texts.to_dict("records")
    assert (row["code"], row["text"], row["period_end"], row["period"]) == ("R1", "One", MAY.end, "May")


def test_who_has_a_row_is_stored_once() -> None:
    entries = {f"measure_{nth}": {MAY: Entry(places(0, 1), places(0, 1), False)} for nth in range(20)}
    tables = to_tables(Surveyed(DatasetSurvey(["R1", "R2"], entries, {}), pd.DataFrame(columns=TEXTS.names), {}, {}))
    assert tables["sets"]["places"].to_pylist() == [[0, 1]]
