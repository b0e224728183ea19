"""Impact: what changes for trusts between two releases, counted and in sentences.

A summary of two releases' tables `opportunities`, `peers` and `findings`.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from heapq import nsmallest
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from shared.findings import IN_DETAIL, listed
from shared.formatting import SHARE, amount
from shared.method.programme import Programme
from shared.releases.contents import Contents, Row
from shared.releases.peer_moves import PeerMove, peer_moves
from shared.releases.readable import arrow_array
from shared.releases.side_by_side import KEY, SideBySide, side_by_side
from shared.statuses import OpportunityStatus

AT_LEAST = 100_000.0
"""Money by which an opportunity's published cash has to move to be listed."""

SHARE_AT_LEAST = 0.01
"""Share of its denominator by which an opportunity that has no cash has to move to be listed."""

_CODES = 25

Kind = Literal["appears", "vanishes", "moves"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Figure(_Model):
    """One opportunity of one trust in one release.

    Cash is that of the period, as published, not made annual; `share_…` are units over the denominator. Null: no
    figure.
    """

    status: str
    period_start: date | None
    period_end: date | None
    cash_lower: float | None
    cash_upper: float | None
    share_lower: float | None
    share_upper: float | None


class OpportunityChange(_Model):
    """An opportunity that appears, vanishes or moves; null before or after where a release has no such row."""

    kind: Kind
    trust_code: str
    trust_name: str | None
    opportunity_id: str
    before: Figure | None
    after: Figure | None
    sentence: str


class PeerChange(_Model):
    """A trust's peers in one group that differ; up to 25 codes are listed each way, and all are counted."""

    group_id: str
    trust_code: str
    period_before: str | None
    period_after: str | None
    came: tuple[str, ...]
    came_count: int
    went: tuple[str, ...]
    went_count: int
    sentence: str


class FindingChange(_Model):
    """A finding across files that one release has and the other has not."""

    kind: Literal["appears", "vanishes"]
    severity: str
    rule: str
    dataset: str | None
    period: str | None
    message: str


class Counts(_Model):
    """How many there are of each, listed in detail or not."""

    trusts_with_other_peers: int
    peer_sets: int
    appear: int
    vanish: int
    move: int
    findings_appear: int
    findings_vanish: int


class Impact(_Model):
    """What changes from one release to another: all counted, the biggest 200 of each kind of list in detail.

    `at_least` is money of published cash, lower or upper; `share_at_least` stands in for it where there is no cash.
    """

    at_least: float
    share_at_least: float
    counts: Counts
    summary: tuple[str, ...]
    opportunities: tuple[OpportunityChange, ...]
    peers: tuple[PeerChange, ...]
    findings: tuple[FindingChange, ...]


def impact(
    before: Contents | None,
    after: Contents,
    programme: Programme,
    at_least: float = AT_LEAST,
    share_at_least: float = SHARE_AT_LEAST,
) -> Impact:
    """What changes from `before` (None: there was no release) to `after`.

    A table that is missing counts as empty. Sentences have the words and the currency of `programme`.
    """
    old, new = before or Contents.of({}), after
    opportunities = _opportunities(old, new, at_least, share_at_least)
    peers = _Peers(peer_moves(old, new))
    findings = sorted(_findings(old, new), key=_finding_order)
    counts = Counts(
        trusts_with_other_peers=len(peers.trusts),
        peer_sets=peers.sets,
        **opportunities.counts,
        findings_appear=sum(finding.kind == "appears" for finding in findings),
        findings_vanish=sum(finding.kind == "vanishes" for finding in findings),
    )
    return Impact(
        at_least=at_least,
        share_at_least=share_at_least,
        counts=counts,
        summary=tuple(_summary(counts, programme, at_least, share_at_least, first=before is None)),
        opportunities=tuple(opportunities.largest(programme.currency)),
        peers=tuple(map(_peer_change, peers.largest)),
        findings=tuple(findings[:IN_DETAIL]),
    )


# ---- opportunities --------------------------------------------------------------------------------------------------


class _Change(NamedTuple):
    """A change and its place in the order: most money first; then by share."""

    change: OpportunityChange
    order: tuple[float, float, str, str]


_COLUMNS = (
    "trust_name", "status", "period_start", "period_end", "denominator", "units_lower", "units_upper", "cash_lower",
    "cash_upper",
)  # fmt: skip


def _figure(row: Row) -> Figure | None:
    if row[KEY[0]] is None:
        return None
    return Figure(
        status=row["status"],
        period_start=row["period_start"],
        period_end=row["period_end"],
        cash_lower=row["cash_lower"],
        cash_upper=row["cash_upper"],
        share_lower=_share(row["units_lower"], row["denominator"]),
        share_upper=_share(row["units_upper"], row["denominator"]),
    )


def _share(units: float | None, denominator: float | None) -> float | None:
    return None if units is None or not denominator else units / denominator


type _Numbers = NDArray[np.float64]
type _Flags = NDArray[np.bool_]

_COUNTED: dict[Kind, str] = {"appears": "appear", "vanishes": "vanish", "moves": "move"}


def _opportunities(before: Contents, after: Contents, at_least: float, share: float) -> "_Opportunities":
    old, new = (release.own(*KEY, *_COLUMNS) for release in (before, after))
    return _Opportunities(side_by_side(old, new), at_least, share)


class _Opportunities:
    """Which opportunities of two releases appear, vanish or move, and by how much."""

    def __init__(self, both: SideBySide, at_least: float, share: float) -> None:
        self._both = both
        was, now = (_shown(side) for side in both)
        old_cash, new_cash = (_columns(side, "cash_lower", "cash_upper") for side in both)
        cash, of = _moved(old_cash, new_cash), _moved(*map(_shares, both))
        old_known, new_known = ~np.isnan(old_cash), ~np.isnan(new_cash)
        # Money that becomes known or unknown is a move whatever its size: what is missing is not zero.
        by_cash = (old_known != new_known).any(axis=0) | (cash > at_least)
        moves = np.where((old_known | new_known).any(axis=0), by_cash, of > share)
        self._kinds: dict[Kind, _Flags] = {"appears": now & ~was, "vanishes": was & ~now, "moves": was & now & moves}
        self._cash, self._of = cash, of

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return {name: int(self._kinds[kind].sum()) for kind, name in _COUNTED.items()}

    def largest(self, currency: str) -> list[OpportunityChange]:
        """The first `IN_DETAIL`: most money first; then by share, trust and opportunity."""
        changed = np.flatnonzero(np.any([*self._kinds.values()], axis=0))
        cash, of = -self._cash[changed], -self._of[changed]
        order = np.lexsort((of, cash))
        if len(order) > IN_DETAIL:  # and all that are equal to the last of them, which their codes decide
            last = order[IN_DETAIL - 1]
            order = order[(cash[order] < cash[last]) | ((cash[order] == cash[last]) & (of[order] <= of[last]))]
        places = changed[order]
        rows = zip(*(side.take(places).to_pylist() for side in self._both), strict=True)
        found = []
        for place, (earlier, later) in zip(places.tolist(), rows, strict=True):
            row = later if later[KEY[0]] is not None else earlier
            trust, opportunity = (row[name] for name in KEY)
            kind = next(kind for kind, flags in self._kinds.items() if flags[place])
            was, now = _figure(earlier), _figure(later)
            change = OpportunityChange(
                kind=kind,
                trust_code=trust,
                trust_name=row["trust_name"],
                opportunity_id=opportunity,
                before=was,
                after=now,
                sentence=f"{trust}, {opportunity}: {_sentence(kind, was, now, currency)}",
            )
            found.append(_Change(change, (-self._cash[place], -self._of[place], trust, opportunity)))
        return [one.change for one in sorted(found, key=lambda one: one.order)[:IN_DETAIL]]


def _shown(side: Any) -> _Flags:
    from shared.compute import pc

    shown: _Flags = pc.is_in(
        side["status"].cast("string"), value_set=arrow_array((OpportunityStatus.OPPORTUNITY,))
    ).to_numpy()
    return shown


def _columns(side: Any, *names: str) -> _Numbers:
    """Columns as rows of an array, NaN for null."""
    return np.array([side[name].to_numpy() for name in names], dtype=np.float64)


def _shares(side: Any) -> _Numbers:
    units, (denominator,) = _columns(side, "units_lower", "units_upper"), _columns(side, "denominator")
    known = ~np.isnan(units) & (denominator != 0) & ~np.isnan(denominator)
    shares: _Numbers = np.divide(units, denominator, out=np.full(units.shape, np.nan), where=known)
    return shares


def _moved(was: _Numbers, now: _Numbers) -> _Numbers:
    """By how much the end moves that moves more. Where one appears or vanishes this is its size, which is only used to
    order them."""
    moved: _Numbers = np.abs(np.nan_to_num(was, nan=0.0) - np.nan_to_num(now, nan=0.0)).max(axis=0)
    return moved


type _Ends = tuple[float | None, float | None]


def _cash(figure: Figure | None) -> _Ends:
    return (figure.cash_lower, figure.cash_upper) if figure else (None, None)


def _of(figure: Figure | None) -> _Ends:
    return (figure.share_lower, figure.share_upper) if figure else (None, None)


def _sentence(kind: Kind, was: Figure | None, now: Figure | None, currency: str) -> str:
    if kind == "appears":
        return f"appears at {_size(now, currency)}; before: {_status(was)}."
    if kind == "vanishes":
        return f"vanishes (it was {_size(was, currency)}); now: {_status(now)}."
    return f"moves from {_size(was, currency)} to {_size(now, currency)}."


def _status(figure: Figure | None) -> str:
    return figure.status.replace("_", " ") if figure else "no such row"


def _size(figure: Figure | None, currency: str) -> str:
    """`£1,200–£3,400`, or a share of the denominator if there is no cash."""
    for unit, ends, of in ((currency, _cash(figure), ""), (SHARE, _of(figure), " of its denominator")):
        amounts = list(dict.fromkeys(amount(end, unit) for end in ends if end is not None))
        if amounts:
            return "–".join(amounts) + of
    return "no figure"


# ---- peers ----------------------------------------------------------------------------------------------------------


class _Peers:
    """All changes of peers counted, and those of the most peers."""

    def __init__(self, moves: Iterable[PeerMove]) -> None:
        self.trusts: set[str] = set()
        self.sets = 0
        self.largest = nsmallest(IN_DETAIL, self._counted(moves), key=_peer_order)

    def _counted(self, moves: Iterable[PeerMove]) -> Iterator[PeerMove]:
        for move in moves:
            self.trusts.add(move.trust)
            self.sets += 1
            yield move


def _peer_order(move: PeerMove) -> tuple[int, str, str, str]:
    return -len(move.came) - len(move.went), move.trust, move.group, move.now or ""


def _peer_change(move: PeerMove) -> PeerChange:
    group, trust, then, now, came, went = move
    moves = [f"{listed([*codes])} {verb}" for codes, verb in ((came, "joined"), (went, "left")) if codes]
    when = "" if now is None and then is None else f", {now or then}"
    since = f" (before: {then})" if then is not None and now is not None and then != now else ""
    return PeerChange(
        group_id=group,
        trust_code=trust,
        period_before=then,
        period_after=now,
        came=tuple(came[:_CODES]),
        came_count=len(came),
        went=tuple(went[:_CODES]),
        went_count=len(went),
        sentence=f"{trust}, {group}{when}{since}: {'; '.join(moves)}.",
    )


# ---- findings -------------------------------------------------------------------------------------------------------

_IDENTITY = ("severity", "rule", "dataset", "period", "message")
"""The columns by which a finding of one release is the same as one of another."""


def _findings(before: Contents, after: Contents) -> Iterator[FindingChange]:
    earlier, later = ({*release.columns("findings", *_IDENTITY)} for release in (before, after))
    for finding in earlier ^ later:
        kind = "appears" if finding in later else "vanishes"
        yield FindingChange.model_validate(dict(zip(_IDENTITY, finding, strict=True)) | {"kind": kind})


def _finding_order(finding: FindingChange) -> tuple[str, str, str, str, str, str]:
    about = finding.dataset or "", finding.period or ""
    return finding.kind, finding.severity, finding.rule, *about, finding.message


# ---- words ----------------------------------------------------------------------------------------------------------


def _summary(
    counts: Counts, programme: Programme, at_least: float, share_at_least: float, first: bool
) -> Iterator[str]:
    organisation, money = programme.organisation, amount(at_least, programme.currency)
    if first:
        yield "There is no release to compare with: everything is new."
    if not any(counts.model_dump().values()):
        yield (
            f"Nothing changes: no {organisation.one}'s peers, no opportunity by more than {money}, "
            "no finding across files."
        )
    if counts.peer_sets:
        sets = _many(counts.peer_sets, "peer set")
        yield f"Other peers: {organisation.count(counts.trusts_with_other_peers)} ({sets})."
    least = f"{money} (without cash: by more than {share_at_least:.0%} of the denominator)"
    for what, number in {
        "Opportunities that appear": counts.appear,
        "Opportunities that vanish": counts.vanish,
        f"Opportunities that move by more than {least}": counts.move,
        "Findings across files that appear": counts.findings_appear,
        "Findings across files that no longer apply": counts.findings_vanish,
    }.items():
        if number:
            yield f"{what}: {number:,}."


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"
