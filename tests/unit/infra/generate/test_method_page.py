"""docs/method.md: what the files under method/ say, in words that can be checked against them."""

import pytest

from infra.generate.method_page import page
from shared.method.load import bundle, judged, load
from shared.method.method import Method
from tests.support.method_changes import CLEANING, METRIC, PEERS, STAYS, UNUSED_SPACE, Content, documents, given
from tests.support.paths import METHOD


@pytest.fixture(scope="module")
def rules() -> Method:
    return load(bundle(METHOD))


@pytest.fixture(scope="module")
def text(rules: Method) -> str:
    return page(rules)


def section(text: str, name: str) -> str:
    """The part of the page under an anchor."""
    return text.partition(f'<a id="{name}"></a>')[2].partition("<a id=")[0]


def test_every_opportunity_has_a_section_with_all_that_a_reader_asks(rules: Method, text: str) -> None:
    for name, opportunity in rules.opportunities.items():
        told = section(text, name)
        for said in (opportunity.title, opportunity.what, opportunity.why, opportunity.explanation):
            assert " ".join(said.split()) in told, name
        for head in ("How.", "Value.", "Window.", "Compared with.", "Plausible.", "Overlaps.", "Sources."):
            assert f"**{head}**" in told, name
        assert all(source in told for source in opportunity.sources), name
        assert f"(#{name})" in text.partition("## Opportunities")[2], name


def test_every_price_a_section_uses_is_named_with_its_standing_and_source(rules: Method, text: str) -> None:
    for name, opportunity in rules.opportunities.items():
        if rules.metrics[opportunity.metric].comparable:
            for price in (rules.prices[route.price] for route in opportunity.routes.values() if route.price):
                assert f"The price is **{price.status}**: {' '.join(price.source.split())}." in section(text, name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cleaning_cost", "= Cleaning service cost ÷ Occupied floor area"),
        ("cleaning_cost", "Gain in £ = (value − benchmark) × Occupied floor area"),
        ("cleaning_cost", "otherwise all trusts are the comparators, and the answer says so"),
        ("laundry_cost", "A trust needs at least 10,000 pieces."),
        ("finance_cost", "= finance cost ÷ income × 100,000,000"),
        ("finance_cost", "Gain in £ = (value − benchmark) ÷ 100,000,000 × income"),
        ("finance_cost", "In £ per £100m of income (£ over £); lower is better."),
        ("day_case_rate", "Gain in admissions = (benchmark − value) × (day cases + ordinary elective admissions)"),
        ("day_case_rate", "A target of 85%: a single value."),
        ("long_stay_bed_days", "`trust_measures.long_stay_target`"),
        ("long_stay_bed_days", "Bed days × £313 per bed day, in £."),
        ("sickness_absence", "The newest 12 months with data, summed before dividing: a trust needs every one of them"),
        ("day_case_rate", "Each admission counts as an independent event that happens or does not."),
        ("cleaning_cost", "**Chance.** Not tested"),
        ("sickness_absence", "FTE days ÷ the days in the window, in WTE."),
        ("empty_or_under_used_space", "Hard FM cost + Soft FM cost"),
        ("high_cost_medicines_spend", "No trusts: the figure is shown, and must not be compared between trusts."),
        ("group-trust_peer_finder", "a missing value counts as zero"),
        ("group-trust_peer_finder", "| Deprivation | `trust_characteristics.deprivation` |"),
    ],
)
def test_settings_are_told_in_words(text: str, name: str, said: str) -> None:
    assert said in section(text, name)


def test_settings_that_the_shipped_method_has_no_use_for_are_told_too() -> None:
    own = {"rule": "target", "period": {"financial_year": "2017-18"}, "percent_off": 40}
    best = {"rule": "mean_of_best", "n": 5}
    told = page(
        judged(
            documents(
                (UNUSED_SPACE, given(upper=own)),
                (CLEANING, given(upper=best)),
                (STAYS, given(upper={"rule": "target", "measure": "trust_measures.long_stay_target", "times": 0.6})),
                (METRIC, given(window={"financial_year": True, "minimum_periods": 1})),
            )
        )
    )
    space, cleaning, stays = (section(told, path[-1]) for path in (UNUSED_SPACE, CLEANING, STAYS))
    assert "40% better than the trust's own value in the financial year 2017-18: a single value." in space
    assert "A target that follows from the trust's own figures." in space
    assert "The median of the others (lower value) and the mean of the best 5 of the others (upper value)." in cleaning
    assert "The newest financial year with data for every day, summed before dividing: a trust needs 1" in cleaning
    assert "0.6 times the trust's own figure for long stay target" in stays


def test_every_anchor_that_is_pointed_at_exists(text: str) -> None:
    pointed = {part.partition(")")[0] for part in text.split("](#")[1:]}
    assert [name for name in pointed if f'<a id="{name}"></a>' not in text] == []


def test_a_nearest_groups_settings_are_said_in_words() -> None:

    def three_in_two_parts(variables: list[Content]) -> None:
        del variables[3:]
        for variable, part in zip(variables, ("need", "size", "need"), strict=True):
            variable["part"] = part

    changed = documents(
        (
            PEERS,
            given(
                combine="sum", deviation="sample", candidates={"measure": "eric_trust.trust_type", "only": ["A", "B"]},
                within="ods_trusts.region", scale_among="within",
                prefer={"measure": "eric_trust.trust_type", "among": 30},
            ),
        ),
        ((*PEERS, "variables"), three_in_two_parts),
        ((*PEERS, "variables", 0), given(transform="sqrt", cap=5, cap_when="before", cap_side="upper")),
    )  # fmt: skip
    told = section(page(judged(changed)), "group-recommended")
    for said in (
        "the sum of 2 distances, for need (Deprivation, Diagnosis) and for size (Attendances), each the root of the "
        "sum of squared differences (`euclidean`)",
        "Only trusts with the same `ods_trusts.region` are candidates. Caps and scales are computed among these.",
        "Only trusts whose `eric_trust.trust_type` is “A” or “B” are anyone's peers.",
        "Standard deviations are those of a sample (n − 1).",
        "Of the 30 nearest, those with the same trust type come first.",
        "| `trust_characteristics.deprivation` | capped at 5 standard deviations above the mean, then sqrt |",
    ):
        assert said in told
    mutual = section(page(judged(documents((PEERS, given(mutual=True))))), "group-recommended")
    assert "Of these, only trusts that have it among their own are its peers." in mutual
