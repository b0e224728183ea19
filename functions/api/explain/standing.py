"""Where a figure stands among others, in sentences. Pure."""

from functions.api.explain.sentences import Row, is_single
from shared.formatting import amount, difference, headline, number, ordinal, span, window
from shared.method.measures import Metric, StandingRule
from shared.method.names import Organisation
from shared.method.opportunities import TARGET, Opportunity
from shared.statuses import Compared

_QUARTERS = {1: "the best quarter", 2: "the second best quarter", 3: "the third best quarter", 4: "the worst quarter"}
TOTAL = (
    "It is what would follow if each of them reached its benchmark of today. The benchmarks would then be different, "
    "so it is not a forecast."
)


def standing_sentence(row: Row, metric: Metric, organisation: Organisation) -> str | None:
    """The rank, the quarter, the percentile and the rank among peers: `Its rank is 23rd of 121 trusts (1st is best).`
    None for a value that has no rank."""
    rank, of = row.get("national_rank"), row.get("national_of")
    if rank is None and of is not None and row["percentile"] is not None:
        return (
            f"Its percentile among {organisation.count(of)} is {_tenths(row['percentile'])} (it grows with the value)."
        )
    if rank is None or of is None:
        return None
    words = f"The {organisation.one}'s rank is {ordinal(rank)} of {organisation.count(of)} (1st is best)"
    if row["quartile"]:
        words += f", in {_QUARTERS[row['quartile']]}"
    sentences = [f"{words}."]
    if row["percentile"] is not None:
        sentences.append(_percentile_sentence(row["percentile"], rank, of, metric.standing))
    if row.get("band"):
        sentences.append(f"It is in band {row['band']} of {metric.standing.bands} (1 is best).")
    if row.get("peer_rank") is not None:
        sentences.append(f"Among its peers and itself its rank is {ordinal(row['peer_rank'])} of {row['peer_of']}.")
    return " ".join(sentences)


def _percentile_sentence(percentile: float, rank: int, of: int, rule: StandingRule) -> str:
    told = _tenths(percentile)
    if not rule.turned:
        return f"Its percentile is {told} (it grows with the value)."
    if rule.percentile != "mid_rank":
        return f"Its percentile is {told}."
    worse_or_equal = of - rank
    equal = round(2 * (worse_or_equal - percentile * (of - 1) / 100))
    better = _tenths(100 * (worse_or_equal - equal) / (of - 1))
    if not equal:
        return f"It is better than {better}% of the others, so its percentile is {told}."
    return (
        f"It is better than {better}% of the others and equal to {_tenths(100 * equal / (of - 1))}%, so its percentile "
        f"is {told} (equal values count half)."
    )


def _tenths(share: float) -> str:
    """A percentage with one decimal, which is neither 0 nor 100 unless it is exactly that."""
    return number(share if share in (0, 100) else min(max(round(share, 1), 0.1), 99.9))


def side_by_side_sentence(row: Row, metric: Metric, *, itself: bool) -> str | None:
    """The median and the better quartile of peers and of all; None without any. `itself`: whether the organisation is
    one of them."""
    parts = []
    peers, everyone = ("its peers and itself", "all") if itself else ("its peers", "all others")
    for prefix, whose in (("peer", peers), ("national", everyone)):
        median, quartile = row.get(f"{prefix}_median"), row.get(f"{prefix}_quartile")
        if median is not None:
            best = f"the best quarter begins at {amount(quartile, metric.unit)}"
            parts.append(f"Of {whose}, the median is {amount(median, metric.unit)} and {best}.")
    return " ".join(parts) or None


def distance_sentence(row: Row, metric: Metric, definition: Opportunity) -> str | None:
    """By how much a figure is ahead of its ambitious benchmark, and what that is worth; None unless it is ahead."""
    ahead = row.get("distance_upper")
    if ahead is None or ahead >= 0:
        return None
    noun = "target" if row["comparator"] == TARGET else "benchmark" if is_single(row) else "ambitious benchmark"
    sentence = f"It is {difference(ahead, metric.unit)} ahead of its {noun}"
    cash = row.get("distance_cash_upper")
    if cash is not None and cash < 0 and definition.cash is not None:
        money, _, per = headline(-cash, definition.cash.unit).partition(" ")
        more = f"{money} more {per or f'from {window(row["period_start"], row["period_end"])}'}"
        return f"{sentence}. At the {noun.removeprefix('ambitious ')} it would spend {more}."
    return f"{sentence}."


def compared_sentence(row: Row, metric: Metric) -> str | None:
    """Whether a value that is ahead differs from its benchmark by more than chance; None without an interval, or if it
    is equal or behind, which the sentence about its gap says."""
    if row.get("compared") is None or row["distance_upper"] >= 0:
        return None
    confidence = f"{number(100 * metric.confidence)}%"
    noun = "target" if row["comparator"] == TARGET else "benchmark"
    if row["compared"] == Compared.SIMILAR:
        return f"The difference from its {noun} may be due to chance (at {confidence})."
    return f"The difference from its {noun} is greater than chance (at {confidence})."


def total_sentence(row: Row, definition: Opportunity, organisation: Organisation) -> str:
    """The national total of one opportunity (a row of the table `totals`), and what it does not mean."""
    count = row["trusts"]
    kind = definition.native
    route = definition.routes.get(kind) if kind else None
    name, unit = (kind, route.unit) if kind and route else ("units", row["unit"])
    if not count:
        return f"None of the {organisation.many} has a gain here."
    have = f"{organisation.count(count)} {'has' if count == 1 else 'have'} a gain"
    counted = row[f"{name}_trusts"] if route else count
    if not counted:
        return f"{have}, but none of it is a saving: there is no price, or what is used instead costs more."
    gain = span(row[f"{name}_lower"], row[f"{name}_upper"], unit, rough=True)
    if counted < count:
        return (
            f"{have}. Those of {counted:,} come to {gain}; for the others there is no price, or what is used instead "
            f"costs more. {TOTAL}"
        )
    return f"{have}, together {gain}. {TOTAL}"
