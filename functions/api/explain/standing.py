"""Where a figure stands among others, in sentences. Pure."""

from functions.api.explain.sentences import Row
from shared.formatting import amount, headline, number, ordinal, span
from shared.method.measures import Metric
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
    if rank is None or of is None:
        return None
    words = f"The {organisation.one}'s rank is {ordinal(rank)} of {of} {organisation.many} (1st is best)"
    if row["quartile"]:
        words += f", in {_QUARTERS[row['quartile']]}"
    sentences = [f"{words}."]
    if row["percentile"] is not None and metric.standing.percentile == "mid_rank" and metric.standing.turned:
        share = number(round(row["percentile"], 1))
        sentences.append(f"It is better than {share}% of the others, so its percentile is {share}.")
    elif row["percentile"] is not None:
        sentences.append(f"Its percentile is {number(round(row['percentile'], 1))}.")
    if row.get("band"):
        sentences.append(f"It is in band {row['band']} of {metric.standing.bands} (1 is best).")
    if row.get("peer_rank") is not None:
        sentences.append(f"Among its peers and itself its rank is {ordinal(row['peer_rank'])} of {row['peer_of']}.")
    return " ".join(sentences)


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
    noun = "target" if row["comparator"] == TARGET else "ambitious benchmark"
    sentence = f"It is {amount(-ahead, metric.unit)} ahead of its {noun}"
    cash = row.get("distance_cash_upper")
    if cash is not None and cash < 0 and definition.cash is not None:
        return f"{sentence}. At the benchmark it would spend {headline(-cash, definition.cash.unit)} more."
    return f"{sentence}."


def compared_sentence(row: Row, metric: Metric) -> str | None:
    """Whether a value that is ahead differs from its benchmark by more than chance; None if it is behind, which the
    sentence about its gap says, or without an interval."""
    if row.get("compared") is None or row["distance_upper"] > 0:
        return None
    confidence = f"{number(100 * metric.confidence)}%"
    if row["compared"] == Compared.SIMILAR:
        return f"The difference from its benchmark may be due to chance (at {confidence})."
    return f"The difference from its benchmark is greater than chance (at {confidence})."


def total_sentence(row: Row, definition: Opportunity, organisation: Organisation) -> str:
    """The national total of one opportunity (a row of the table `totals`), and what it does not mean."""
    count, many = row["trusts"], organisation.many
    kind = definition.native
    route = definition.routes.get(kind) if kind else None
    name, unit = (kind, route.unit) if kind and route else ("units", row["unit"])
    gain = span(row[f"{name}_lower"], row[f"{name}_upper"], unit, rough=True)
    if not count:
        return f"None of the {many} has a gain here."
    each = f"One of the {many} has a gain" if count == 1 else f"{count} {many} have a gain"
    return f"{each}, together {gain}. {TOTAL}"
