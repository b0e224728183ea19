"""Orders of lists, by hand."""

from functions.api.ordering import by_gain, by_percentile


def test_the_worst_is_first_even_if_the_percentile_grows_with_a_bad_value() -> None:
    # Less is better: rank 7 of 7 has the largest value, and so the percentile 100 where it is not turned.
    rows = [
        {"trust_code": code, "opportunity_id": "o", "national_rank": rank, "national_of": of, "percentile": percentile}
        for code, rank, of, percentile in (
            ("A", 1, 7, 0.0), ("B", 7, 7, 100.0), ("C", 4, 7, 50.0), ("D", None, None, None), ("E", 1, 1, None),
            ("F", 3, 4, 66.7),
        )
    ]  # fmt: skip
    # Others behind or level: B 0 of 6, F 1 of 3, C 3 of 6, A 6 of 6; E is alone, so none is ahead of it.
    assert [row["trust_code"] for row in sorted(rows, key=by_percentile)] == ["B", "F", "C", "A", "E", "D"]


def test_gains_in_cash_come_before_gains_in_units() -> None:
    rows = [
        {"trust_code": code, "cash_per_year_upper": cash, "units_upper": units}
        for code, cash, units in (
            ("A", None, 9e9), ("B", 5.0, 1.0), ("C", None, None), ("D", 50.0, 0.1), ("E", None, 9e10)
        )
    ]  # fmt: skip
    assert [row["trust_code"] for row in sorted(rows, key=by_gain)] == ["D", "B", "E", "A", "C"]
