"""Which rows of the table `opportunities` a list has, and in which order."""

from functions.api.http.queries import StandingQuery
from functions.api.release import Row

type Key = tuple[int, float, str]

COLUMNS = (
    "trust_code", "opportunity_id", "cash_per_year_upper", "units_upper", "quartile", "compared", "within_chance",
    "national_rank", "national_of",
)  # fmt: skip
"""The columns by which the rows of one opportunity are selected and ordered."""


def wanted(row: Row, query: StandingQuery) -> bool:
    """Whether a row stands where the query asks for."""
    cash = row.get("cash_per_year_upper")
    return (
        (query.quartile is None or row.get("quartile") in query.quartile)
        and (query.compared is None or row.get("compared") in query.compared)
        and (query.within_chance is None or bool(row.get("within_chance")) == query.within_chance)
        and (query.at_least is None or (cash is not None and cash >= query.at_least))
    )


def by_percentile(row: Row) -> Key:
    """The worst first, by the share of all others that are not ranked above it; values without a rank last, by their
    ids and codes. A percentile would not do, because a method may let it grow with a value that is bad."""
    rank, of, name = row.get("national_rank"), row.get("national_of"), row["opportunity_id"] + row["trust_code"]
    if rank is None or of is None:
        return 1, 0.0, name
    return 0, (of - rank) / (of - 1) if of > 1 else 1.0, name


def by_place(row: Row) -> Key:
    """The place among the trust's own opportunities; those without a gain last, by their ids."""
    return int(row["rank"] is None), float(row["rank"] or 0), row["opportunity_id"]


def by_gain(row: Row) -> Key:
    """The largest gain in cash over a year first; then the largest in units of those without one in cash; those
    without a gain last, by code."""
    for place, gain in enumerate((row.get("cash_per_year_upper"), row["units_upper"])):
        if gain is not None:
            return place, -gain, row["trust_code"]
    return 2, 0.0, row["trust_code"]


def by_code(row: Row) -> Key:
    """In order of codes."""
    return 0, 0.0, row["trust_code"]
