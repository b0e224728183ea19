"""Figures of a comparison in words."""

import pytest

from functions.api.pages.views.writes.moves import Names, figure_words, moves
from shared.releases.impact import Figure, OpportunityChange


def figure(status: str = "opportunity", **figures: float | None) -> Figure:
    none = dict.fromkeys(("cash_lower", "cash_upper", "share_lower", "share_upper"))
    return Figure.model_validate({"status": status, "period_start": None, "period_end": None} | none | figures)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (figure(cash_lower=200_000.0, cash_upper=1_234_567.0, share_upper=0.1), "£200,000 to £1.23m"),
        (figure(cash_lower=0.0, cash_upper=618_250.0), "up to £618,000"),
        (figure(cash_lower=42_000.0, cash_upper=42_000.0), "£42,000"),
        (figure(share_lower=0.02, share_upper=0.05), "2 to 5% of its denominator"),
        (figure("at_or_better_than_benchmark", cash_upper=0.0), "as good as its benchmark or better"),
        (figure("no_data"), "no data"),
        (None, "not there"),
    ],
)
def test_a_figure_in_a_cell(one: Figure | None, words: str) -> None:
    assert figure_words(one, "GBP") == words


def test_organisations_and_opportunities_are_named_as_far_as_they_have_names() -> None:
    def change(code: str, opportunity: str, name: str | None) -> OpportunityChange:
        return OpportunityChange(
            kind="vanishes", trust_code=code, trust_name=name, opportunity_id=opportunity, before=None, after=None,
            sentence="",
        )  # fmt: skip

    changes = [change("RAA", "cleaning", "SAINT A'S"), change("RAB", "x", "SAINT B'S"), change("RAC", "x", None)]
    rows = moves(changes, Names({"cleaning": "Cleaning cost"}, {"RAA": "Saint A's"}), "GBP")
    assert [(one.name, one.title) for one in rows] == [
        ("Saint A's", "Cleaning cost"), ("SAINT B'S", "x"), ("RAC", "x"),
    ]  # fmt: skip
