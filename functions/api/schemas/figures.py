"""What is answered: one frozen model for every answer and every part of one.

Figures carry their unit beside them and leave unrounded. Names of figures are those of the released tables.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from functions.api.changes import Change
from shared.method.measures import Metric
from shared.method.opportunities import Opportunity
from shared.method.peer_groups import PeerGroup, Variable
from shared.releases.channels import Pointer
from shared.releases.manifest import Manifest


class Answer(BaseModel):
    """Base of every answer and of its parts."""

    # Built when first used: a cold start needs a few of these, and building all would be a fifth of it.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    def tag(self, release_id: str) -> str:
        """What ETag the answer has: everything that a release holds is the same as long as the release is."""
        return release_id


class Continued(Answer):
    """A list, a page at a time, with the cursor of the next page if there is one."""

    next_cursor: str | None


class Page(Continued):
    """A list, a page at a time, that knows how many items there are in all."""

    total: int


class Named(Answer):
    """A trust's code and name."""

    trust_code: str
    trust_name: str | None


class Asked(Answer):
    """For whom an answer is: an old code leads to the trust that took over, or to several that share what it was.

    `answered_for` is None for a code that was divided; `words` says so, as for any code that leads elsewhere.
    """

    requested_code: str
    answered_for: str | None
    trust_name: str | None
    successors: tuple[Named, ...]
    words: str | None

    @classmethod
    def of(cls, asked: "Asked", **rest: Any) -> Self:
        """The answer for what was asked, with the rest of its fields."""
        return cls.model_validate(dict(asked) | rest)


class Trust(Named):
    """One trust. `in_register` is whether the newest register lists it; `successors` are followed to the present."""

    region: str | None
    icb: str | None
    trust_type: str | None
    opened: date | None
    closed: date | None
    successors: tuple[str, ...]
    in_register: bool


class TrustList(Page):
    """Trusts in the order of their codes."""

    trusts: tuple[Trust, ...]


class TrustAnswer(Asked):
    """One trust, and how many of its rows have which status."""

    trust: Trust
    statuses: dict[str, int]


class Line(Named):
    """One row of the table `opportunities` with the unit of every figure; benchmarks and gaps are in `value_unit`.

    Beside it its gain in a few words, the sentence for its status, and what to beware of. `illustrative` are the ids
    of prices without a source that it was made with, `overlaps` the opportunities that it must not be added to.
    """

    opportunity_id: str
    title: str
    category: str
    status: str
    rank: int | None
    comparator: str
    comparator_count: int | None
    period_start: date | None
    period_end: date | None
    flags: tuple[str, ...]
    value: float | None
    value_unit: str
    numerator: float | None
    numerator_unit: str
    denominator: float | None
    denominator_unit: str
    benchmark_lower: float | None
    benchmark_upper: float | None
    gap_lower: float | None
    gap_upper: float | None
    units_lower: float | None
    units_upper: float | None
    unit: str
    cash_lower: float | None
    cash_upper: float | None
    cash_unit: str | None
    activity_lower: float | None
    activity_upper: float | None
    activity_unit: str | None
    staff_lower: float | None
    staff_upper: float | None
    staff_unit: str | None
    robust_low: float | None = None
    robust_high: float | None = None
    within_chance: bool | None = None
    overlap_group: str
    gain: str | None
    gain_in_cash: str | None
    words: str
    cautions: tuple[str, ...]
    illustrative: tuple[str, ...]
    overlaps: tuple[str, ...]


class OpportunityLines(Asked, Page):
    """A trust's opportunities, the biggest first. There is no total of them: they overlap."""

    opportunities: tuple[Line, ...]
    cautions: tuple[str, ...]


class NamedOpportunity(Answer):
    """An opportunity's id and title."""

    opportunity_id: str
    title: str


class Described(Opportunity):
    """An opportunity's definition with its id."""

    opportunity_id: str


class Comparator(Named):
    """Someone a trust was compared with, and their value."""

    value: float


class Comparators(Answer):
    """Everyone a row was compared with, by value: never the trust itself. `period` is when the group was as it is
    here: the year of the characteristics, or of the attribute."""

    group_id: str
    title: str
    period: str | None
    count: int
    unit: str
    trusts: tuple[Comparator, ...]


class Step(Answer):
    """One step of the arithmetic, in words and as the unrounded figure it comes to."""

    step: str
    words: str
    value: float | None
    unit: str


class BenchmarkStep(Step):
    """A benchmark, computed again from the comparators that are listed; `agrees` is whether that gives the same."""

    recomputed: float | None
    agrees: bool


class Equivalent(Answer):
    """The gain as cash, activity or staff. `native` needs no conversion; an `equivalent` is no further gain."""

    kind: Literal["cash", "activity", "staff"]
    label: Literal["native", "equivalent"]
    lower: float | None
    upper: float | None
    unit: str
    words: str
    price_ids: tuple[str, ...]
    illustrative: bool


class PriceUsed(Answer):
    """What one unit is worth, in which year's money, by which source; and a sentence about it."""

    title: str
    value: float
    unit: str
    price_year: str
    source: str
    status: Literal["published", "illustrative"]
    price_id: str
    words: str


class Overlaps(Answer):
    """The opportunities that share pounds, days or hours with this one, and must not be added to it; `explanation`
    says what those of its group have in common. A release that does not declare its groups has neither."""

    overlap_group: str
    title: str | None
    explanation: str | None
    others: tuple[NamedOpportunity, ...]
    words: str


class Range(Answer):
    """Between what amounts of a unit something lies."""

    low: float
    high: float
    unit: str


class Robustness(Answer):
    """The smallest lower and the largest upper gain when any one of the comparators is left out: in the opportunity's
    own unit, and as cash, activity and staff where there is a way to them."""

    comparators: int
    units: Range
    cash: Range | None = None
    activity: Range | None = None
    staff: Range | None = None
    words: str


class Interval(Answer):
    """The interval of the trust's own value, by Wilson's or Byar's formula; `within_chance` is whether it reaches the
    ambitious benchmark, so that the whole gain may be chance."""

    name: Literal["Wilson", "Byar"]
    confidence: float
    value: Range
    within_chance: bool
    words: str


class Calculation(Answer):
    """How one figure came about. `benchmarks_agree` is False where a benchmark could not be computed again."""

    summary: str
    steps: tuple[BenchmarkStep | Step, ...]
    comparators: Comparators | None
    equivalents: tuple[Equivalent, ...]
    prices: tuple[PriceUsed, ...]
    cautions: tuple[str, ...]
    overlaps: Overlaps
    robustness: Robustness | None
    chance: Interval | None
    rounding: str
    benchmarks_agree: bool


class OpportunityAnswer(Asked):
    """One figure with its receipt; both are None where the code asked for was divided between several trusts."""

    definition: Described
    opportunity: Line | None
    receipt: Calculation | None
    cautions: tuple[str, ...]


class TrendPoint(Answer):
    """One window of a series; names and units are those of a `Line`. `breaks` says why it does not continue the point
    before: `merged` or `type_changed`."""

    period_start: date
    period_end: date
    breaks: tuple[str, ...]
    status: str
    comparator: str
    comparator_count: int | None
    flags: tuple[str, ...]
    value: float | None
    numerator: float | None
    denominator: float | None
    benchmark_lower: float | None
    benchmark_upper: float | None
    gap_lower: float | None
    gap_upper: float | None
    units_lower: float | None
    units_upper: float | None
    cash_lower: float | None
    cash_upper: float | None
    activity_lower: float | None
    activity_upper: float | None
    staff_lower: float | None
    staff_upper: float | None
    robust_low: float | None = None
    robust_high: float | None = None
    within_chance: bool | None = None


class Trend(Asked, Page):
    """An opportunity of one trust for every window held, the oldest first, with the units of its figures."""

    definition: Described
    unit: str
    value_unit: str
    numerator_unit: str
    denominator_unit: str
    cash_unit: str | None
    activity_unit: str | None
    staff_unit: str | None
    points: tuple[TrendPoint, ...]
    cautions: tuple[str, ...]


class Supposed(Answer):
    """An opportunity computed anew from what was supposed; names, units and meanings are those of a `Line`."""

    status: Literal["opportunity", "at_or_better_than_benchmark"]
    value: float
    value_unit: str
    numerator: float
    numerator_unit: str
    denominator: float
    denominator_unit: str
    benchmark_lower: float
    benchmark_upper: float
    units_lower: float
    units_upper: float
    unit: str
    cash_lower: float | None = None
    cash_upper: float | None = None
    cash_unit: str | None
    activity_lower: float | None = None
    activity_upper: float | None = None
    activity_unit: str | None
    staff_lower: float | None = None
    staff_upper: float | None = None
    staff_unit: str | None
    comparators: Comparators | None
    prices: dict[str, float]
    words: str


class WhatIfAnswer(Asked):
    """What was supposed beside what was published. Nothing of it is stored."""

    definition: Described
    published: Line
    supposed: Supposed
    cautions: tuple[str, ...]


class Share(Answer):
    """How much of the distance to a peer is due to one variable (the shares of a peer come to 1)."""

    variable: str
    label: str
    share: float


class Peer(Named):
    """A peer or a runner-up. `stability` is the share of the group's noisy draws in which it stays among the peers."""

    rank: int | None
    distance: float | None
    variables_used: int | None
    stability: float | None
    shares: tuple[Share, ...]


class Successors(Answer):
    """What becomes of peers that another trust took over; with `refill` a list is filled up again."""

    rule: Literal["none", "dated", "listed"]
    refill: bool


class StabilityRule(Answer):
    """In how many draws, and with how much noise on every raw value, it was counted how often a peer stays."""

    draws: int
    noise: float


class DescribedGroup(Answer):
    """A peer group's definition with its id. Only nearest groups have variables, and the settings after them."""

    kind: Literal["nearest", "same_attribute", "landed_list", "national"]
    title: str
    explanation: str
    source: str
    attribute: str | None = None
    variables: tuple[Variable, ...] = ()
    within: str | None = None
    distance: str | None = None
    missing: str | None = None
    k: int | None = None
    runners_up: int | None = None
    successors: Successors | None = None
    stability: StabilityRule | None = None
    group_id: str

    @classmethod
    def of(cls, group_id: str, group: PeerGroup) -> Self:
        """The answer for a group of the method."""
        return cls.model_validate(group.model_dump() | {"group_id": group_id})


class Peers(Asked, Page):
    """A trust's peers in one group and period, and who came next. `periods` are those that the group is known for."""

    group: DescribedGroup
    period: str | None
    periods: tuple[str, ...]
    peers: tuple[Peer, ...]
    runners_up: tuple[Peer, ...]
    explanation: str


class Opportunities(Page):
    """Every opportunity's definition."""

    opportunities: tuple[Described, ...]
    cautions: tuple[str, ...]


class Distribution(Answer):
    """How the values that may be compared are spread; quantiles interpolate linearly (type 7)."""

    n: int
    unit: str
    min: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    max: float | None


class Value(Named):
    """A trust's value, in the units of the answer. `compared` is whether it counts in the distribution and for others;
    `status` is that of the trust's own opportunity."""

    period_start: date | None
    period_end: date | None
    status: str
    compared: bool
    flags: tuple[str, ...]
    value: float | None
    numerator: float | None
    denominator: float | None


class National(Page):
    """An opportunity: its definition, the national distribution of its values, and every trust's.

    There is no distribution where the method says that values may not be compared between trusts.
    """

    definition: Described
    metric: Metric
    prices: tuple[PriceUsed, ...]
    period_start: date | None
    period_end: date | None
    distribution: Distribution | None
    unit: str
    numerator_unit: str
    denominator_unit: str
    trusts: tuple[Value, ...]
    cautions: tuple[str, ...]


class Category(Answer):
    """A category and its opportunities."""

    category: str
    opportunities: tuple[NamedOpportunity, ...]


class Categories(Answer):
    """The categories in the order of their names; there are as many as the method has."""

    categories: tuple[Category, ...]


class Methodology(Answer):
    """How every figure of a release is made. There are as many of each as the method has."""

    name: str
    description: str
    method_id: str
    opportunities: tuple[Described, ...]
    metrics: Mapping[str, Metric]
    peer_groups: tuple[DescribedGroup, ...]
    prices: tuple[PriceUsed, ...]
    cautions: tuple[str, ...]


class PeerGroups(Answer):
    """Whom trusts may be compared with, and how each group is made; there are as many as the method has."""

    peer_groups: tuple[DescribedGroup, ...]


class ReleaseAnswer(Answer):
    """A release: the method and build it was computed by, the files it was made from, and the tables it holds."""

    manifest: Manifest


class ShownRelease(Answer):
    """A release that readers saw from some moment on, until the one before it in the list."""

    sequence: int
    published_at: datetime
    release_id: str


class ReleaseList(Continued):
    """What readers saw and see, the newest first."""

    releases: tuple[ShownRelease, ...]


class TrustChanges(Named):
    """A trust's opportunities that are not what they were."""

    changes: tuple[Change, ...]


class ReleaseChanges(Page):
    """What changed between two releases, for a page of trusts; `total` is how many trusts there are in all."""

    since: str
    release_id: str
    trusts: tuple[TrustChanges, ...]
    cautions: tuple[str, ...]


class CurrentRelease(ReleaseAnswer):
    """Which release readers see, since when, and the files and tables it consists of."""

    pointer: Pointer

    def tag(self, release_id: str) -> str:
        """Publishing the same release again, or holding it, changes this answer though no figure."""
        return f"{release_id}.{self.pointer.sequence}"
