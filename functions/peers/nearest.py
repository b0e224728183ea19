"""Nearest peers: characteristics in, ranked neighbours out. Pure numpy; the recipe is a method's `NearestGroup`.

Trusts are rows in the order of their codes, so that the trust code decides between equal distances.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.peers.distances import Counts, Numbers, Ranking, between, ranked
from shared.method.peer_groups import NearestGroup, Variable

_LOG_2 = 0.6931471805599453

type Flags = NDArray[np.bool_]

_SPARE = 4
"""How many more neighbours to rank at first: merged trusts are listed as their successors, so lists may shrink."""


class Representatives(NamedTuple):
    """For each trust: the codes that represent it in lists of peers, as places in the list of all codes.

    `named`: n × w, ascending, -1 after the last: the trust itself, its successors, or none.
    `barred`: n × v, -1 after the last: the codes that a trust may not have in its list (itself, its own successors).
    """

    named: Counts
    barred: Counts

    @classmethod
    def itself(cls, n: int) -> "Representatives":
        """Every trust is listed as itself and barred from its own list."""
        return cls(np.arange(n)[:, None], np.arange(n)[:, None])

    @property
    def one_to_one(self) -> bool:
        """Whether each trust is listed as one code and no two trusts as the same: then a ranking is a list."""
        alone = self.named.shape[1] == 1 and len(np.unique(self.named)) == len(self.named)
        return alone and bool((self.named >= 0).all())


class Texts(NamedTuple):
    """What attributes say of n trusts, as numbers: equal for equal texts, -1 for none.

    `within` (n): candidates have the trust's number. `preferred` (n each): candidates with the trust's number come
    first; the first attribute counts most.
    """

    within: Counts | None = None
    preferred: tuple[Counts, ...] = ()


class Lists(NamedTuple):
    """One entry for each listed neighbour, by row and rank.

    `peer` is a place among the codes of `Representatives`, `near` the row whose characteristics were compared.
    `one_sided`: it would be a peer if it had the row among its own. An entry that is neither this nor a runner-up is a
    peer.
    """

    row: Counts
    peer: Counts
    near: Counts
    rank: Counts
    runner_up: Flags
    one_sided: Flags
    distance: Numbers


class Neighbours(NamedTuple):
    """`Lists` with their reasons: `contributions` is entries × m, each variable's share of the distance (of its square
    if it is euclidean and in one part), NaN if one of the two trusts lacks the variable.
    """

    row: Counts
    peer: Counts
    near: Counts
    rank: Counts
    runner_up: Flags
    one_sided: Flags
    distance: Numbers
    variables_used: Counts
    contributions: Numbers


def scaled(matrix: Numbers, recipe: NearestGroup, within: Counts | None = None) -> Numbers:
    """Characteristics (… × n × m, NaN = missing) as the recipe compares them, each draw scaled by itself.

    `within` (n) are numbers of texts as in `Texts`. Values that a transform is not defined for count as missing. Blanks
    are filled first, from all trusts, as if the cell had contained the fill; capping comes before scaling.
    """
    scale = _Scale(recipe, within if recipe.scale_among == "within" else None)
    columns = [scale.column(matrix[..., j], variable) for j, variable in enumerate(recipe.variables)]
    return np.stack(columns, axis=-1)


class _Scale:
    """The scaling of a recipe's variables, over all trusts or over those of each number of `within` by themselves."""

    def __init__(self, recipe: NearestGroup, within: Counts | None) -> None:
        self._missing = recipe.missing
        self._sample = recipe.deviation == "sample"
        self._among = [slice(None)] if within is None else [np.flatnonzero(within == one) for one in np.unique(within)]

    def column(self, raw: Numbers, variable: Variable) -> Numbers:
        """One variable's values (… × n), scaled."""
        least = {"none": -np.inf, "log1p": np.nextafter(-1, 0), "sqrt": 0}[variable.transform]
        values = np.where(np.isfinite(raw) & (raw >= least), raw, np.nan)
        values = np.where(np.isnan(values), _fill(values, self._missing), values)
        for among in self._among:
            values[..., among] = self._part(values[..., among], variable)
        return values

    def _part(self, values: Numbers, variable: Variable) -> Numbers:
        if variable.cap_when == "before":
            values = self._capped(values, variable)
        if variable.transform == "log1p":
            values = _log1p(values)
        elif variable.transform == "sqrt":
            values = np.sqrt(values)
        if variable.cap_when == "after":
            values = self._capped(values, variable)
        if variable.scale == "none":
            return values
        low, high, mean, deviation = _spread(values, sample=self._sample)
        middle, width = (mean, deviation) if variable.scale == "zscore" else (low, high - low)
        return (values - middle) / np.where(width == 0, 1.0, width)

    def _capped(self, values: Numbers, variable: Variable) -> Numbers:
        if variable.cap is None:
            return values
        _, _, mean, deviation = _spread(values, sample=self._sample)
        least = mean - variable.cap * deviation if variable.cap_side == "both" else None
        return np.clip(values, least, mean + variable.cap * deviation)


def _log1p(values: Numbers) -> Numbers:
    """log(1 + value) for values above -1, NaN for NaN, to a few units in the last place.

    Sums, products and quotients round alike on every processor. The last bits of NumPy's and the C library's logarithms
    depend on the processor and on the library's version, and peers have to be the same wherever they are computed.
    """
    total = 1 + values
    mantissa, exponent = np.frexp(total)
    low = mantissa < 0.5**0.5
    mantissa, exponent = np.where(low, 2 * mantissa, mantissa), exponent - low
    ratio = (mantissa - 1) / (mantissa + 1)  # log(mantissa) is 2·atanh(ratio), and |ratio| < 0.172
    square = ratio * ratio
    series = np.zeros_like(ratio)
    for odd in range(25, 0, -2):
        series = series * square + 1 / odd
    rounded_off = (values - (total - 1)) / total  # by adding 1
    return np.asarray(exponent * _LOG_2 + (2 * ratio * series + rounded_off))


def _fill(values: Numbers, missing: str) -> Numbers:
    low, high, mean, _ = _spread(values)
    if missing == "zero":
        return np.zeros_like(mean)
    if missing == "mean":
        return np.clip(mean, low, high)  # the rounded mean of equal values may differ from them
    if missing == "median":
        return _median(values)
    return np.full_like(mean, np.nan)


def _spread(values: Numbers, *, sample: bool = False) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Minimum, maximum, mean and standard deviation over the last axis, which is kept; NaN if all are missing. One
    value has no deviation: zero."""
    has_value = ~np.isnan(values)
    count = has_value.sum(axis=-1, keepdims=True)
    some = np.where(count, count, np.nan)
    mean = np.sum(values, axis=-1, keepdims=True, where=has_value) / some
    squares = np.sum((values - mean) ** 2, axis=-1, keepdims=True, where=has_value)
    deviation = np.sqrt(squares / (np.maximum(some - 1, 1) if sample else some))
    low = np.min(values, axis=-1, keepdims=True, where=has_value, initial=np.inf)
    high = np.max(values, axis=-1, keepdims=True, where=has_value, initial=-np.inf)
    return np.where(count, low, np.nan), np.where(count, high, np.nan), mean, deviation


def _median(values: Numbers) -> Numbers:
    """The median over the last axis, which is kept; NaN if all are missing. Its arithmetic rounds alike everywhere."""
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    ordered = np.sort(values, axis=-1)  # NaN last
    lower, upper = (np.take_along_axis(ordered, np.maximum(count - odd, 0) // 2, axis=-1) for odd in (1, 0))
    return np.where(count, lower / 2 + upper / 2, np.nan)


def nearest(
    matrix: Numbers,
    recipe: NearestGroup,
    representatives: Representatives | None = None,
    texts: Texts | None = None,
) -> Neighbours:
    """The recipe's neighbours of every row of the matrix (n × m raw values, NaN = missing).

    `representatives`: the codes as which each trust is listed (default: itself). With `refill`, the list has the first
    k representatives in the ranking; without, it has those of the k nearest, which may be fewer or more. Runners-up
    follow in the ranking.
    """
    texts = texts or Texts()
    points = scaled(matrix, recipe, texts.within)
    lists = listed(points, recipe, representatives or Representatives.itself(len(matrix)), texts)
    parts, _ = between(points, recipe, lists.row, lists.near)
    sums = np.nansum(parts, axis=0)
    shares = (parts / np.where(sums > 0, sums, 1.0)).T
    return Neighbours(*lists, (~np.isnan(shares)).sum(axis=1), shares)


type Rank = Callable[[int, Counts], Ranking]
"""How deep, and which rows → their nearest."""


def depth_of(recipe: NearestGroup, representatives: Representatives) -> int:
    """How many of each row's nearest are ranked at first."""
    wanted = recipe.k + recipe.runners_up
    if recipe.prefer is not None:
        wanted = max(wanted, recipe.prefer.among)
    return wanted if representatives.one_to_one else wanted + _SPARE


def listed(
    points: Numbers, recipe: NearestGroup, representatives: Representatives, texts: Texts, rank: Rank | None = None
) -> Lists:
    """The peers and runners-up of every row among scaled points. `rank` (default: `ranked`) ranks them."""
    n, depth = len(points), depth_of(recipe, representatives)
    rows = np.arange(n)
    rank = rank or (lambda depth, rows: ranked(points, recipe, depth, texts.within, rows))
    parts: list[Lists] = []
    while True:
        ranking = rank(depth, rows)
        lists, short = _listed(ranking, rows, recipe, representatives, texts.preferred)
        more = short & (ranking.near[:, -1:] >= 0).any(axis=1) & (depth < n - 1)
        done = ~np.isin(lists.row, rows[more])
        parts.append(Lists._make(column[done] for column in lists))
        if not more.any():
            break
        rows, depth = rows[more], 2 * depth
    whole = Lists._make(np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(whole.row, kind="stable")
    lists = Lists._make(column[order] for column in whole)
    return lists._replace(one_sided=_one_sided(lists, representatives)) if recipe.mutual else lists


def _listed(
    ranking: Ranking,
    rows: Counts,
    recipe: NearestGroup,
    representatives: Representatives,
    preferred: tuple[Counts, ...],
) -> tuple[Lists, Flags]:
    """Lists from rankings, and which rows might have more entries if the ranking were longer."""
    width = representatives.named.shape[1]
    peer = np.where(ranking.near[:, :, None] >= 0, representatives.named[ranking.near], -1).reshape(len(rows), -1)
    keep = peer >= 0
    for barred in representatives.barred[rows].T:
        keep &= peer != barred[:, None]
    if not representatives.one_to_one:
        keep &= _first_of_its_kind(np.where(keep, peer, -1))
    near, distance = np.repeat(ranking.near, width, axis=1), np.repeat(ranking.distance, width, axis=1)
    candidates = keep.sum(axis=1)
    if recipe.prefer is not None:
        among = keep & (np.cumsum(keep, axis=1) <= recipe.prefer.among)
        order = np.argsort(_preference(rows, near, among, preferred), axis=1, kind="stable")
        peer, keep, near, distance = (
            np.take_along_axis(column, order, axis=1) for column in (peer, keep, near, distance)
        )
    rank = np.cumsum(keep, axis=1)
    refill = recipe.successors.refill or recipe.prefer is not None
    order = rank if refill else 1 + np.broadcast_to(np.arange(peer.shape[1]) // width, peer.shape)
    peers = (keep & (order <= recipe.k)).sum(axis=1)
    keep &= rank <= (peers + recipe.runners_up)[:, None]
    entries = np.nonzero(keep)
    runner_up = order[entries] > recipe.k
    lists = Lists(
        rows[entries[0]], peer[entries], near[entries], rank[entries], runner_up, np.zeros_like(runner_up),
        distance[entries],
    )  # fmt: skip
    full = recipe.k + recipe.runners_up if refill else peers + recipe.runners_up
    if recipe.prefer is not None:
        full = max(full, recipe.prefer.among)
    return lists, candidates < full


def _preference(rows: Counts, near: Counts, among: Flags, preferred: tuple[Counts, ...]) -> Counts:
    """For each candidate the place of the first attribute by which it is preferred; the number of attributes if by none
    or if it is not `among` the nearest."""
    level = np.full(near.shape, len(preferred), dtype=np.intp)
    for place in reversed(range(len(preferred))):
        own = preferred[place][rows, None]
        level[among & (own >= 0) & (own == preferred[place][near])] = place
    return level


def _one_sided(lists: Lists, representatives: Representatives) -> Flags:
    """Which entries would be peers if the other trust had the row's trust, or what represents it, among its own."""
    codes = int(representatives.named.max(initial=0)) + 1
    chosen = ~lists.runner_up
    pairs = lists.near * codes
    own = representatives.named[lists.row]
    listed_back = np.isin(pairs[:, None] + own, (lists.row * codes + lists.peer)[chosen]) & (own >= 0)
    return chosen & ~listed_back.any(axis=1)


def _first_of_its_kind(peer: Counts) -> Flags:
    """Which entries of each row are not further left in it."""
    order = np.argsort(peer, axis=1, kind="stable")
    ordered = np.take_along_axis(peer, order, axis=1)
    new = np.ones(peer.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.empty_like(new)
    np.put_along_axis(first, order, new, axis=1)
    return first
