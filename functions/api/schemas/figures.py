"""Answers about figures, trusts, the method and releases: one frozen model for each answer and each part of one.

Figures are unrounded, each with its unit in a field of its own. Fields have the names of columns in the release's
tables.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from functions.api.changes import Change
from functions.api.schemas.base import Answer, CursorPage, Page, Standing, StandingOfFigure
from shared.method.measures import Metric
from shared.method.opportunities import Opportunity
from shared.method.peer_groups import PeerGroup, Variable
from shared.releases.channels import Pointer
from shared.releases.manifest import Manifest


class NamedTrust(Answer):
    """An organisation's code, its name as its source writes it, and its name as people write it."""

    trust_code: str
    trust_name: str | None
    display_name: str | None


class ResolvedTrust(Answer):
    """The trust that an answer is about. The code of a closed trust leads to its successors.

    `answered_for` is the code of the trust in the answer; null if the requested trust was divided between several
    successors. `words` explains any difference from the requested code.
    """

    requested_code: str
    answered_for: str | None
    trust_name: str | None
    display_name: str | None
    successors: tuple[NamedTrust, ...]
    words: str | None

    @classmethod
    def of(cls, resolved: "ResolvedTrust", **fields: Any) -> Self:
        """The answer about `resolved`, with its other fields."""
        return cls.model_validate(dict(resolved) | fields)


class AttributeValue(Answer):
    """An attribute of an organisation: the value's code, and its name as people say it (the code, if it has none)."""

    attribute: str
    title: str
    code: str
    name: str


class Membership(NamedTrust):
    """An organisation of a further level, to which another belongs. `called`: the noun for such an organisation."""

    level: str
    called: str


class Trust(NamedTrust):
    """One organisation. `level`: its level, null if the programme has none; `called`: the noun for it; `belongs_to`:
    the organisations of further levels to which it belongs. `attributes`: those that it has of the register, in the
    programme's order. `in_register`: whether the newest register lists it; null if the programme has none.
    `successors`: the codes of the organisations that exist today. `trust_type_name`: the type as people say it."""

    attributes: tuple[AttributeValue, ...]
    trust_type: str | None
    trust_type_name: str | None
    opened: date | None
    closed: date | None
    successors: tuple[str, ...]
    in_register: bool | None
    level: str | None
    called: str
    belongs_to: tuple[Membership, ...]


class TrustList(Page):
    """Trusts, ordered by code."""

    trusts: tuple[Trust, ...]


class TrustAnswer(ResolvedTrust):
    """One trust, and how many of its opportunities have each status."""

    trust: Trust
    statuses: dict[str, int]


class Line(StandingOfFigure, NamedTrust):
    """One row of the table `opportunities`, with units and sentences. Benchmarks and gaps are in `value_unit`.

    `gain` and `gain_in_cash` are the gain as text, `words` explains the status, and `cautions` are warnings.
    `native`: the expression that `gain` is in, `cash`, `activity` or `staff`; null if that is `units`.
    `illustrative` are the ids of illustrative prices used, and `illustrative_in` the expressions of the gain that they
    make; `compared_with` is the comparators as a phrase. `overlaps` are the ids of opportunities that must not be
    added to this one. `robust_low` and `robust_high` are in `unit`: see Robustness. `within_chance`: see
    ChanceInterval. `direction`: which values are better. `benchmark_…_rule`: what the benchmark is, as a phrase.
    `comparator_title` is null for a target. `rank` is the place among the trust's own opportunities; `standing` says in
    words where its value stands among other trusts.
    """

    opportunity_id: str
    title: str
    metric_title: str
    direction: str | None
    category: str
    category_title: str
    status: str
    rank: int | None
    comparator: str
    comparator_title: str | None
    comparator_count: int | None
    compared_with: str
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
    benchmark_lower_rule: str | None = None
    benchmark_upper: float | None
    benchmark_upper_rule: str | None = None
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
    overlap_group_title: str | None
    native: str | None
    gain: str | None
    gain_in_cash: str | None
    words: str
    standing: str | None
    cautions: tuple[str, ...]
    illustrative: tuple[str, ...]
    illustrative_in: tuple[str, ...]
    overlaps: tuple[str, ...]


class OpportunityLines(ResolvedTrust, Page):
    """A trust's opportunities, largest first. There is no total gain, because opportunities overlap."""

    opportunities: tuple[Line, ...]
    cautions: tuple[str, ...]


class MetricLine(Standing):
    """A trust's newest value of one metric: a row of the table `metrics`, with its title and units.

    `standing` says in words where the value stands; null if it is not compared. `status`: `ok`, or why the value may
    not be compared. `sources`: the datasets that it comes from.
    """

    metric_id: str
    title: str
    direction: str
    status: str
    period_start: date
    period_end: date
    value: float | None
    unit: str
    numerator: float | None
    numerator_unit: str
    denominator: float | None
    denominator_unit: str
    standing: str | None
    sources: tuple[str, ...]
    distribution: "ValueDistribution | None"


class TrustMetrics(ResolvedTrust, Page):
    """A trust's newest value of every metric, ordered by the metric's id, and where it stands."""

    metrics: tuple[MetricLine, ...]


class NamedOpportunity(Answer):
    """An opportunity's id and title."""

    opportunity_id: str
    title: str


class OpportunityDefinition(Opportunity):
    """An opportunity's definition with its id."""

    opportunity_id: str


class Comparator(NamedTrust):
    """A trust that this one was compared with, and its value."""

    value: float


class Comparators(Answer):
    """The trusts that a figure was compared with, ordered by value. The trust itself is never one of them. `period` is
    the period of the data that defines the group."""

    group_id: str
    title: str
    period: str | None
    count: int
    unit: str
    trusts: tuple[Comparator, ...]


class Step(Answer):
    """One step of a calculation: a sentence, and the unrounded result."""

    step: str
    words: str
    value: float | None
    unit: str


class BenchmarkStep(Step):
    """A benchmark. `recomputed` is its value computed again from the listed comparators; `agrees`: whether that equals
    the published value."""

    recomputed: float | None
    agrees: bool


class Equivalent(Answer):
    """The gain as cash, activity or staff. The `native` one is the opportunity's own; an `equivalent` is the same gain
    in another unit, not an additional one."""

    kind: Literal["cash", "activity", "staff"]
    label: Literal["native", "equivalent"]
    lower: float | None
    upper: float | None
    unit: str
    words: str
    price_ids: tuple[str, ...]
    illustrative: bool


class PriceUsed(Answer):
    """A price per unit, with its price year, its source and a sentence."""

    title: str
    value: float
    unit: str
    price_year: str
    source: str
    status: Literal["published", "illustrative"]
    price_id: str
    words: str


class Overlaps(Answer):
    """The opportunities that share money, activity or time with this one and must not be added to it. `title` and
    `explanation` describe the overlap group; null if the method does not describe it."""

    overlap_group: str
    title: str | None
    explanation: str | None
    others: tuple[NamedOpportunity, ...]
    words: str


class Range(Answer):
    """A range from `low` to `high`, in `unit`."""

    low: float
    high: float
    unit: str


class Robustness(Answer):
    """The smallest lower and the largest upper gain when any one comparator is left out. `units` is in the
    opportunity's own unit; cash, activity and staff are null if the method has no conversion to them."""

    comparators: int
    units: Range
    cash: Range | None = None
    activity: Range | None = None
    staff: Range | None = None
    words: str


class ChanceInterval(Answer):
    """The confidence interval of the trust's own value, by Wilson's or Byar's formula. `within_chance`: whether it
    reaches the ambitious benchmark, so that the whole gap may be due to chance. `confidence` is a share: 0.95 is
    95%."""

    name: Literal["Wilson", "Byar"]
    confidence: float
    value: Range
    within_chance: bool
    words: str


class Calculation(Answer):
    """How one figure was calculated. `benchmarks_agree`: whether each recomputed benchmark equals the published one."""

    summary: str
    steps: tuple[BenchmarkStep | Step, ...]
    comparators: Comparators | None
    equivalents: tuple[Equivalent, ...]
    prices: tuple[PriceUsed, ...]
    cautions: tuple[str, ...]
    overlaps: Overlaps
    robustness: Robustness | None
    chance: ChanceInterval | None
    rounding: str
    benchmarks_agree: bool


class UnitLine(Answer):
    """A unit below a trust, such as a site. `display_name`: its name as people write it. `status`: whether it counts in
    the trust's figure, else why not.

    `units_…` (in the figure's `unit`) and `cash_…` are what it would be worth to bring this unit to the trust's
    benchmark; 0 for a unit that is there. They do not add up to the trust's gain, because units that are better than
    the benchmark reduce that.
    """

    unit_code: str
    unit_name: str | None
    display_name: str | None
    unit_type: str | None
    status: str
    numerator: float | None
    denominator: float | None
    value: float | None
    units_lower: float | None
    units_upper: float | None
    cash_lower: float | None
    cash_upper: float | None


class UnitsOfFigure(Answer):
    """The units that a figure is made of, largest possible gain first, then those that do not count.

    `called` and `plural` are the words for a unit. `left_out`: how many do not count, by status.
    `denominator_counted`: the share of the known denominators that the counted units have.
    """

    called: str
    plural: str
    total: int
    counted: int
    left_out: Mapping[str, int]
    denominator_counted: float | None
    units: tuple[UnitLine, ...]
    words: str


class OpportunityAnswer(ResolvedTrust):
    """One figure with its calculation, `receipt`. Both are null if the requested trust was divided between several.

    `units`: the units below the trust, such as sites, that the figure is made of; null if its data are about whole
    trusts. `distribution`: of all comparable values. `sources`: the datasets that the figure comes from.
    `numerator_title` and `denominator_title`: what its sums are called there; null if a contract does not say it.
    """

    definition: OpportunityDefinition
    opportunity: Line | None
    numerator_title: str | None
    denominator_title: str | None
    receipt: Calculation | None
    units: UnitsOfFigure | None
    distribution: "ValueDistribution | None"
    sources: tuple[str, ...]
    cautions: tuple[str, ...]


class TrendPoint(StandingOfFigure):
    """One point of a trend; names and units are those of a `Line`. `breaks` says why the point is not comparable with
    the previous one: `merged`, `type_changed` or `definition_changed`."""

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


class Trend(ResolvedTrust, Page):
    """One trust's opportunity over time, oldest first, with the units of its figures."""

    definition: OpportunityDefinition
    unit: str
    value_unit: str
    numerator_unit: str
    denominator_unit: str
    cash_unit: str | None
    activity_unit: str | None
    staff_unit: str | None
    points: tuple[TrendPoint, ...]
    cautions: tuple[str, ...]


class WhatIfResult(Answer):
    """An opportunity recomputed with the caller's figures; names, units and meanings are those of a `Line`."""

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


class WhatIfAnswer(ResolvedTrust):
    """The published figure and the result with the caller's figures (`supposed`). Nothing is stored."""

    definition: OpportunityDefinition
    published: Line
    supposed: WhatIfResult
    cautions: tuple[str, ...]


class DistanceShare(Answer):
    """One variable's share of the distance to a peer, from 0 to 1. The shares of a peer add up to 1."""

    variable: str
    label: str
    share: float


class Peer(NamedTrust):
    """A peer or a runner-up. `stability`: in what share of random draws, with noise added to the characteristics, the
    trust is still a peer (0 to 1)."""

    rank: int | None
    distance: float | None
    variables_used: int | None
    stability: float | None
    shares: tuple[DistanceShare, ...]


class PreferredAttribute(Answer):
    """An attribute by which trusts are preferred, or may be peers at all: those with one of the texts `only`, or any if
    there are none."""

    measure: str
    only: tuple[str, ...]


class PreferenceRule(PreferredAttribute):
    """Of the `among` nearest candidates, those that share this attribute come first, then those that share the others
    in turn."""

    among: int
    then: tuple[PreferredAttribute, ...]


class SuccessorReplacement(Answer):
    """How peers that another trust took over are replaced. With `refill`, further peers fill the list up to `k`."""

    rule: Literal["none", "dated", "listed"]
    refill: bool


class StabilityRule(Answer):
    """How stability is measured: the number of random draws, and the noise on each raw value as a share of it."""

    draws: int
    noise: float


class PeerGroupDefinition(Answer):
    """A peer group's definition with its id. Only groups of the kind `nearest` have `variables` and the fields after
    it. `recipe`: how its peers are chosen, in sentences; only /v1/peer-groups has it."""

    kind: Literal["nearest", "same_attribute", "landed_list", "national"]
    title: str
    explanation: str
    source: str
    attribute: str | None = None
    variables: tuple[Variable, ...] = ()
    within: str | None = None
    scale_among: Literal["all", "within"] | None = None
    candidates: PreferredAttribute | None = None
    prefer: PreferenceRule | None = None
    mutual: bool | None = None
    distance: str | None = None
    combine: Literal["mean", "sum"] | None = None
    deviation: Literal["population", "sample"] | None = None
    missing: str | None = None
    k: int | None = None
    runners_up: int | None = None
    successors: SuccessorReplacement | None = None
    stability: StabilityRule | None = None
    group_id: str
    recipe: str | None = None

    @classmethod
    def of(cls, group_id: str, group: PeerGroup) -> Self:
        """The answer for a group of the method."""
        return cls.model_validate(group.model_dump() | {"group_id": group_id})


class TrustPeers(ResolvedTrust, Page):
    """A trust's peers in one group and period, and the runners-up. `periods` lists all periods of the group, newest
    first. `one_sided`: where peers must be mutual, trusts among the nearest that do not have this one among theirs."""

    group: PeerGroupDefinition
    period: str | None
    periods: tuple[str, ...]
    peers: tuple[Peer, ...]
    runners_up: tuple[Peer, ...]
    one_sided: tuple[Peer, ...] = ()
    explanation: str


class OpportunityList(Page):
    """Every opportunity's definition."""

    opportunities: tuple[OpportunityDefinition, ...]
    cautions: tuple[str, ...]


class ValueDistribution(Answer):
    """The distribution of the comparable values. `n` is their number; quantiles are interpolated linearly (type 7).
    `deciles`: the nine values that divide them into ten equal parts, from the smallest; empty without values."""

    n: int
    unit: str
    min: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    max: float | None
    deciles: tuple[float, ...]


class NationalTotal(Answer):
    """The gains of one opportunity, added over the `trusts` that have one; a trust that is ahead takes nothing away.
    `cash_trusts` and the like say how many are in that sum: a trust without a price of its own, or one that would pay
    more, is not.
    Totals of different opportunities must not be added, because they overlap."""

    trusts: int
    unit: str
    units_lower: float | None
    units_upper: float | None
    cash_lower: float | None
    cash_upper: float | None
    cash_unit: str | None
    activity_lower: float | None
    activity_upper: float | None
    activity_unit: str | None
    staff_lower: float | None
    staff_upper: float | None
    staff_unit: str | None
    cash_per_year_lower: float | None
    cash_per_year_upper: float | None
    cash_trusts: int
    activity_trusts: int
    staff_trusts: int
    words: str


class TrustValue(StandingOfFigure, NamedTrust):
    """One trust's value, in the units of the answer. `comparable`: whether it is part of the distribution and can be a
    comparator. `status` is that of the trust's opportunity."""

    period_start: date | None
    period_end: date | None
    status: str
    comparable: bool
    flags: tuple[str, ...]
    value: float | None
    numerator: float | None
    denominator: float | None


class RecipeLine(Answer):
    """One part of how a figure is made: what it is about, and sentences."""

    title: str
    words: str


class Recipe(Answer):
    """How a figure is made. `value` is the formula of the value, `gain` that of the gain in the opportunity's unit;
    null if values may not be compared."""

    value: str
    gain: str | None
    lines: tuple[RecipeLine, ...]


class NationalValues(Page):
    """One opportunity: its definition, the national distribution of its values, and each trust's value; all of one
    `level`, null if the programme has none.

    `distribution` is null if the method does not allow values to be compared between trusts; `national_total` if no
    window has data.
    """

    definition: OpportunityDefinition
    metric: Metric
    recipe: Recipe
    prices: tuple[PriceUsed, ...]
    level: str | None
    period_start: date | None
    period_end: date | None
    distribution: ValueDistribution | None
    national_total: NationalTotal | None
    unit: str
    numerator_unit: str
    denominator_unit: str
    trusts: tuple[TrustValue, ...]
    cautions: tuple[str, ...]


class Category(Answer):
    """A category and its opportunities."""

    category: str
    opportunities: tuple[NamedOpportunity, ...]


class Categories(Answer):
    """All categories, ordered by name."""

    categories: tuple[Category, ...]


class AttributeDefinition(Answer):
    """An attribute of organisations: its id, its title, and its codes with their names."""

    attribute: str
    title: str
    names: Mapping[str, str]


class LevelDefinition(Answer):
    """A level of organisations, and what one and many of it are called. Each is compared within itself only."""

    level: str
    organisation: str
    organisations: str


class ProgrammeAnswer(Answer):
    """The programme. It calls its organisations by a noun, for one (`an_organisation`: with its article) and for many,
    and their codes as `code` says; `currency_sign` stands before amounts of money in sentences."""

    name: str
    description: str
    organisation: str
    organisations: str
    an_organisation: str
    code: str
    currency: str
    currency_sign: str
    attributes: tuple[AttributeDefinition, ...]
    levels: tuple[LevelDefinition, ...]
    trust_type_names: Mapping[str, str]


class OverlapGroupDefinition(Answer):
    """Opportunities that are partly the same money, activity or time: those of the group `overlap_group`. `overlaps`
    are the other groups that overlap with it."""

    overlap_group: str
    title: str
    explanation: str
    overlaps: tuple[str, ...]


class Methodology(Answer):
    """The whole method that a release was computed with. `steps`: how every figure is made, in their order."""

    name: str
    description: str
    method_id: str
    steps: tuple[RecipeLine, ...]
    opportunities: tuple[OpportunityDefinition, ...]
    metrics: Mapping[str, Metric]
    peer_groups: tuple[PeerGroupDefinition, ...]
    overlap_groups: tuple[OverlapGroupDefinition, ...]
    prices: tuple[PriceUsed, ...]
    cautions: tuple[str, ...]


class PeerGroups(Answer):
    """All peer groups, each with its definition."""

    peer_groups: tuple[PeerGroupDefinition, ...]


class ReleaseAnswer(Answer):
    """A release: its method, the build of the code, its input files and its tables. `published_at`: when it last became
    the current release; null if it never was."""

    manifest: Manifest
    published_at: datetime | None

    def tag(self, release_id: str) -> str:
        """A release that becomes current again has another time."""
        return f"{self.manifest.release_id}.{self.published_at and self.published_at.timestamp()}"

    def named_release(self) -> str | None:
        """The release itself."""
        return self.manifest.release_id


class ReleaseListItem(Answer):
    """A release that was current from `published_at` until the previous item of the list was published. `kept`: false
    if its figures were deleted, as those of releases are that no one has seen for long."""

    sequence: int
    published_at: datetime
    release_id: str
    kept: bool


class ReleaseList(CursorPage):
    """All releases that are or were current, newest first."""

    releases: tuple[ReleaseListItem, ...]

    def tag(self, release_id: str) -> str:
        """A release that is published again adds an item. Items after a cursor change only if a release is deleted or
        made again."""
        kept = sum(one.kept << place for place, one in enumerate(self.releases))
        return f"{release_id}.{self.releases[0].sequence}.{kept:x}" if self.releases else release_id


class TrustChanges(NamedTrust):
    """A trust's opportunities that differ between two releases."""

    changes: tuple[Change, ...]


class ReleaseChanges(Page):
    """The differences between two releases, for a page of trusts. `total` is the number of trusts on all pages."""

    since: str
    release_id: str
    trusts: tuple[TrustChanges, ...]
    cautions: tuple[str, ...]

    def named_release(self) -> str | None:
        """The later release."""
        return self.release_id


class CurrentRelease(Answer):
    """The current release: its pointer (which says since when), input files and tables."""

    manifest: Manifest
    pointer: Pointer

    def tag(self, release_id: str) -> str:
        """Publishing the same release again, or putting it on hold, changes this answer but no figure."""
        return f"{release_id}.{self.pointer.sequence}"
