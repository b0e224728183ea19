"""Which rows of the table `opportunities` a list has, and in which order."""

from functions.api.http.queries import StandingQuery
from functions.api.release import Row

type Key = tuple[bool, float, str]


def wanted(row: Row, query: StandingQuery) -> bool:
    """Whether a row stands where the query asks for."""
    cash = row.get("cash_per_year_upper")
    return (
        (query.quartile is None or row.get("quartile") in query.quartile)
        and (query.compared is None or row.get("compared") in query.compared)
        and (query.at_least is None or (cash is not None and cash >= query.at_least))
    )


def by_percentile(row: Row) -> Key:
    """The lowest percentile first; values without one last, by their ids and codes."""
    percentile = row.get("percentile")
    return percentile is None, 0.0 if percentile is None else percentile, row["opportunity_id"] + row["trust_code"]


def by_place(row: Row) -> Key:
    """The place among the trust's own opportunities; those without a gain last, by their ids."""
    return row["rank"] is None, float(row["rank"] or 0), row["opportunity_id"]


def by_gain(row: Row) -> Key:
    """The largest gain of a trust first, in cash over a year or else in units; those without a gain last, by code."""
    gain = row.get("cash_per_year_upper")
    gain = row["units_upper"] if gain is None else gain
    return gain is None, 0.0 if gain is None else -gain, row["trust_code"]


def by_code(row: Row) -> Key:
    """In order of codes."""
    return False, 0.0, row["trust_code"]
