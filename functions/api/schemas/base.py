"""What all answers share, and where a trust stands: parts of the models in the other modules."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Base of all answers and their parts."""

    # Built on first use: a cold start needs only a few models, and building all of them would take a fifth of it.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    def tag(self, release_id: str) -> str:
        """The answer's ETag. A release never changes, so its id is enough."""
        return release_id

    def named_release(self) -> str | None:
        """The release that the answer is about, if the path names it; otherwise it is the one that the query names."""
        return None


class CursorPage(Answer):
    """One page of a list, with the cursor of the next page (null on the last page)."""

    next_cursor: str | None


class Page(CursorPage):
    """One page of a list, with the number of items on all pages."""

    total: int


class Standing(Answer):
    """Where a value stands among all that may be compared, for the same metric and window.

    `national_rank` is 1 for the best of `national_of`; equal values share the better rank. `percentile`: the share of
    the others that are worse, from 0 to 100. `quartile`: from 1, the best quarter, to 4. `band`: the same for another
    number of parts, if the metric has bands. Null if the value may not be compared, or if no direction is better.
    """

    national_rank: int | None = None
    national_of: int | None = None
    percentile: float | None = None
    quartile: int | None = None
    band: int | None = None


class StandingOfFigure(Standing):
    """Where a figure stands, nationally and among its peers.

    `peer_rank` is the trust's rank among its peers and itself, `peer_of` their number, and
    `peer_percentile` the percentile among these. `compared`: whether the value is
    better than the ambitious benchmark, similar to it or worse, by its interval; null without one. `distance_…` is the
    gap to the benchmark with a sign, in the value's unit, negative for a trust that is ahead; `distance_cash_…` is its
    cash. `cash_per_year_…` is the cash over a year, by which opportunities are ordered. `…_median` and
    `…_quartile` (the better one) are of the peers and of all trusts.
    """

    peer_rank: int | None = None
    peer_of: int | None = None
    peer_percentile: float | None = None
    compared: str | None = None
    distance_lower: float | None = None
    distance_upper: float | None = None
    distance_cash_lower: float | None = None
    distance_cash_upper: float | None = None
    cash_per_year_lower: float | None = None
    cash_per_year_upper: float | None = None
    peer_median: float | None = None
    peer_quartile: float | None = None
    national_median: float | None = None
    national_quartile: float | None = None
