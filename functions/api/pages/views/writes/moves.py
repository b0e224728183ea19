"""What changes between two releases, as rows: for the preview, and for a file that was tried."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from functions.api.pages.ask import MOST, Asking
from functions.api.schemas.figures import OpportunityList, TrustList
from shared.formatting import SHARE, span

if TYPE_CHECKING:
    from shared.releases.impact import Figure, OpportunityChange

_NO_GAIN = {
    "at_or_better_than_benchmark": "as good as its benchmark or better",
    "insufficient_comparators": "too few comparators",
    "no_peer_set": "no peers",
}


class Move(NamedTuple):
    """One opportunity of one organisation, before and after, in words."""

    code: str
    name: str
    opportunity_id: str
    title: str
    before: str
    after: str


class Names(NamedTuple):
    """What opportunities and organisations are called in a release, by id and by code."""

    titles: Mapping[str, str]
    organisations: Mapping[str, str]


def opportunity_titles(ask: Asking, at: Mapping[str, str]) -> dict[str, str]:
    """The titles of a release's opportunities. `at`: its `as_at`, or nothing for the current release."""
    pages = ask.pages(OpportunityList, "/v1/opportunities", at, pinned=False)
    return {one.opportunity_id: one.title for page in pages for one in page.opportunities}


def names_in(ask: Asking, at: Mapping[str, str]) -> Names:
    """The names of a release's opportunities, and of its first 500 organisations; others are shown by their codes."""
    found = ask.get(TrustList, "/v1/trusts", {"limit": MOST, **at}, pinned=False)
    organisations = {trust.trust_code: trust.display_name or trust.trust_code for trust in found.trusts}
    return Names(opportunity_titles(ask, at), organisations)


def moves(changes: "Iterable[OpportunityChange]", names: Names, currency: str | None) -> list[Move]:
    """The listed changes of opportunities, in their order."""
    return [
        Move(
            change.trust_code,
            names.organisations.get(change.trust_code) or change.trust_name or change.trust_code,
            change.opportunity_id,
            names.titles.get(change.opportunity_id, change.opportunity_id),
            figure_words(change.before, currency),
            figure_words(change.after, currency),
        )
        for change in changes
    ]


def figure_words(figure: "Figure | None", currency: str | None) -> str:
    """A figure of a comparison: its gain in money, else as a share of its denominator; or why there is none."""
    if figure is None:
        return "not there"
    if figure.status != "opportunity":
        return _NO_GAIN.get(figure.status, figure.status.replace("_", " "))
    if figure.cash_upper is not None:
        return span(figure.cash_lower, figure.cash_upper, currency, rough=True)
    return f"{span(figure.share_lower, figure.share_upper, SHARE)} of its denominator"
