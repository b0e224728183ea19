"""Impact: what one release says and another does not, in figures that people argue about and in plain sentences.

A summary of two releases' tables `opportunities`, `peers` and `findings`; it needs neither pandas nor AWS.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.findings import IN_DETAIL, listed

if TYPE_CHECKING:
    import pyarrow as pa

AT_LEAST = 100_000.0
"""GBP by which an opportunity's published cash has to move to be told."""

SHARE_AT_LEAST = 0.01
"""Share of its denominator by which an opportunity that has no cash has to move to be told."""

_OPPORTUNITY = "opportunity"
_PEER = "peer"
_CODES = 25

Kind = Literal["appears", "vanishes", "moves"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Figure(_Model):
    """One opportunity of one trust in one release.

    Cash is GBP of the period, as published, not made annual; `share_…` are units over the denominator. Null: no figure.
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
    """A trust's peers in one group that differ; the codes are told up to 25 each way, and all are counted."""

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
    """How many there are of each, told in detail or not."""

    trusts_with_other_peers: int
    peer_sets: int
    appear: int
    vanish: int
    move: int
    findings_appear: int
    findings_vanish: int


class Impact(_Model):
    """What changes from one release to another: all counted, the biggest 200 of each kind of list in detail.

    `at_least` is GBP of published cash, lower or upper; `share_at_least` stands in for it where there is no cash.
    """

    at_least: float
    share_at_least: float
    counts: Counts
    summary: tuple[str, ...]
    opportunities: tuple[OpportunityChange, ...]
    peers: tuple[PeerChange, ...]
    findings: tuple[FindingChange, ...]


def impact(
    before: "Mapping[str, pa.Table] | None",
    after: "Mapping[str, pa.Table]",
    at_least: float = AT_LEAST,
    share_at_least: float = SHARE_AT_LEAST,
) -> Impact:
    """What changes from `before` (None or empty: there was no release) to `after`: table name → table of a release.

    A table that is missing counts as empty.
    """
    old = before or {}
    changes = sorted(
        _opportunities(_figures(old), _figures(after), at_least, share_at_least), key=lambda change: change.order
    )
    peers = sorted(_peers(_sets(old), _sets(after)), key=_peer_order)
    findings = sorted(_findings(_found(old), _found(after)), key=_finding_order)
    kinds = [change.told.kind for change in changes]
    counts = Counts(
        trusts_with_other_peers=len({change.trust_code for change in peers}),
        peer_sets=len(peers),
        appear=kinds.count("appears"),
        vanish=kinds.count("vanishes"),
        move=kinds.count("moves"),
        findings_appear=sum(finding.kind == "appears" for finding in findings),
        findings_vanish=sum(finding.kind == "vanishes" for finding in findings),
    )
    return Impact(
        at_least=at_least,
        share_at_least=share_at_least,
        counts=counts,
        summary=tuple(_summary(counts, at_least, share_at_least, first=not old)),
        opportunities=tuple(change.told for change in changes[:IN_DETAIL]),
        peers=tuple(peers[:IN_DETAIL]),
        findings=tuple(findings[:IN_DETAIL]),
    )


# ---- opportunities --------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    name: str | None
    figure: Figure


class _Change(NamedTuple):
    """What is told, and its place: money first, most of it first; then by share."""

    told: OpportunityChange
    order: tuple[float, float, str, str]


_OF_A_FIGURE = (
    "trust_code", "trust_name", "opportunity_id", "status", "period_start", "period_end", "denominator",
    "units_lower", "units_upper", "cash_lower", "cash_upper",
)  # fmt: skip


def _figures(tables: "Mapping[str, pa.Table]") -> dict[tuple[str, str], _Row]:
    return {
        (row["trust_code"], row["opportunity_id"]): _Row(
            row["trust_name"],
            Figure(
                status=row["status"],
                period_start=row["period_start"],
                period_end=row["period_end"],
                cash_lower=row["cash_lower"],
                cash_upper=row["cash_upper"],
                share_lower=_share(row["units_lower"], row["denominator"]),
                share_upper=_share(row["units_upper"], row["denominator"]),
            ),
        )
        for row in _rows(tables, "opportunities", _OF_A_FIGURE)
    }


def _share(units: float | None, denominator: float | None) -> float | None:
    return None if units is None or not denominator else units / denominator


def _opportunities(
    before: Mapping[tuple[str, str], _Row], after: Mapping[tuple[str, str], _Row], at_least: float, share: float
) -> Iterator[_Change]:
    for trust, opportunity in before.keys() | after.keys():
        rows = before.get((trust, opportunity)), after.get((trust, opportunity))
        was, now = (row.figure if row else None for row in rows)
        kind = _kind(was, now, at_least, share)
        if kind:
            name = next((row.name for row in reversed(rows) if row), None)
            told = OpportunityChange(
                kind=kind,
                trust_code=trust,
                trust_name=name,
                opportunity_id=opportunity,
                before=was,
                after=now,
                sentence=f"{trust}, {opportunity}: {_told(kind, was, now)}",
            )
            cash, of = _moved(_cash(was), _cash(now)), _moved(_of(was), _of(now))
            yield _Change(told, (-max(cash), -max(of), trust, opportunity))


def _kind(was: Figure | None, now: Figure | None, at_least: float, share: float) -> Kind | None:
    shown = [figure is not None and figure.status == _OPPORTUNITY for figure in (was, now)]
    if shown[0] != shown[1]:
        return "appears" if shown[1] else "vanishes"
    if not shown[0]:
        return None
    cash = _cash(was), _cash(now)
    if all(amount is None for amounts in cash for amount in amounts):
        return "moves" if max(_moved(_of(was), _of(now))) > share else None
    # Money that becomes known or unknown is a move whatever its size: what is missing is not zero.
    known = [[amount is None for amount in amounts] for amounts in cash]
    return "moves" if known[0] != known[1] or max(_moved(*cash)) > at_least else None


type _Ends = tuple[float | None, float | None]


def _cash(figure: Figure | None) -> _Ends:
    return (figure.cash_lower, figure.cash_upper) if figure else (None, None)


def _of(figure: Figure | None) -> _Ends:
    return (figure.share_lower, figure.share_upper) if figure else (None, None)


def _moved(was: _Ends, now: _Ends) -> list[float]:
    """By how much each end moves. Where one appears or vanishes this is its size, which is only used to order them."""
    return [abs((then or 0.0) - (later or 0.0)) for then, later in zip(was, now, strict=True)]


def _told(kind: Kind, was: Figure | None, now: Figure | None) -> str:
    if kind == "appears":
        return f"appears at {_size(now)}; before: {_status(was)}."
    if kind == "vanishes":
        return f"vanishes, it was {_size(was)}; now: {_status(now)}."
    return f"moves from {_size(was)} to {_size(now)}."


def _status(figure: Figure | None) -> str:
    return figure.status.replace("_", " ") if figure else "no such row"


def _size(figure: Figure | None) -> str:
    """`£1,200–£3,400`, or a share of the denominator where there is no cash."""
    lower, upper = _cash(figure)
    if lower is not None or upper is not None:
        return _between(*(None if amount is None else f"£{amount:,.0f}" for amount in (lower, upper)))
    shares = _of(figure)
    if any(share is not None for share in shares):
        return _between(*(None if share is None else f"{share:.1%}" for share in shares)) + " of its denominator"
    return "no figure"


def _between(lower: str | None, upper: str | None) -> str:
    ends = [end for end in (lower, upper) if end is not None]
    return ends[0] if len(set(ends)) == 1 else "–".join(ends)


# ---- peers ----------------------------------------------------------------------------------------------------------


type _Periods = Mapping[str | None, frozenset[str]]
"""A trust's peers in one group by period, oldest first."""


def _sets(tables: "Mapping[str, pa.Table]") -> dict[tuple[str, str], _Periods]:
    """(group, trust) → its peers. Runners-up are nobody's."""
    codes: dict[tuple[str, str], dict[tuple[date, str | None], set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in _rows(tables, "peers", ("group_id", "trust_code", "peer_code", "role", "period", "period_end")):
        if row["role"] == _PEER:
            when = (row["period_end"] or date.min, row["period"])
            codes[row["group_id"], row["trust_code"]][when].add(row["peer_code"])
    return {
        key: {
            period: frozenset(found)
            for (_, period), found in sorted(periods.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        }
        for key, periods in codes.items()
    }


def _peers(
    before: Mapping[tuple[str, str], _Periods], after: Mapping[tuple[str, str], _Periods]
) -> Iterator[PeerChange]:
    """Sets of one period against each other; a newest period that is new, against the one that was newest."""
    for group, trust in before.keys() | after.keys():
        old, new = before.get((group, trust), {}), after.get((group, trust), {})
        pairs = {(period, period) for period in old.keys() & new.keys()}
        newest = tuple(next(reversed(list(sets)), None) for sets in (old, new))
        if not old or not new or newest[0] != newest[1]:
            pairs.add((newest[0], newest[1]))
        for then, now in pairs:
            was, has = old.get(then, frozenset()), new.get(now, frozenset())
            if was != has:
                yield _peer_change(group, trust, then, now, sorted(has - was), sorted(was - has))


def _peer_change(
    group: str, trust: str, then: str | None, now: str | None, came: list[str], went: list[str]
) -> PeerChange:
    moves = [f"{listed(codes)} {verb}" for codes, verb in ((came, "joined"), (went, "left")) if codes]
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


def _peer_order(change: PeerChange) -> tuple[int, str, str, str]:
    most = change.came_count + change.went_count
    return -most, change.trust_code, change.group_id, change.period_after or ""


# ---- findings -------------------------------------------------------------------------------------------------------

type _Said = tuple[str, str, str | None, str | None, str]


def _found(tables: "Mapping[str, pa.Table]") -> set[_Said]:
    said = ("severity", "rule", "dataset", "period", "message")
    return {
        (row["severity"], row["rule"], row["dataset"], row["period"], row["message"])
        for row in _rows(tables, "findings", said)
    }


def _findings(before: set[_Said], after: set[_Said]) -> Iterator[FindingChange]:
    for said in before ^ after:
        severity, rule, dataset, period, message = said
        kind: Literal["appears", "vanishes"] = "appears" if said in after else "vanishes"
        yield FindingChange(kind=kind, severity=severity, rule=rule, dataset=dataset, period=period, message=message)


def _finding_order(finding: FindingChange) -> tuple[str, str, str, str, str, str]:
    about = finding.dataset or "", finding.period or ""
    return finding.kind, finding.severity, finding.rule, *about, finding.message


# ---- words ----------------------------------------------------------------------------------------------------------


def _summary(counts: Counts, at_least: float, share_at_least: float, first: bool) -> Iterator[str]:
    if first:
        yield "There is no release to compare with: everything is new."
    if not any(counts.model_dump().values()):
        yield (
            f"Nothing changes: no trust's peers, no opportunity by more than £{at_least:,.0f}, no finding across files."
        )
    if counts.peer_sets:
        sets = _many(counts.peer_sets, "peer set")
        yield f"Other peers: {_many(counts.trusts_with_other_peers, 'trust')} ({sets})."
    moved = f"move by more than £{at_least:,.0f} (without cash: by more than {share_at_least:.0%} of the denominator)"
    for what, number in {
        "Opportunities that appear": counts.appear,
        "Opportunities that vanish": counts.vanish,
        f"Opportunities that {moved}": counts.move,
        "Findings across files that appear": counts.findings_appear,
        "Findings across files that no longer hold": counts.findings_vanish,
    }.items():
        if number:
            yield f"{what}: {number:,}."


def _many(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def _rows(tables: "Mapping[str, pa.Table]", name: str, columns: Iterable[str]) -> list[dict[str, Any]]:
    table = tables.get(name)
    return [] if table is None else table.select(list(columns)).to_pylist()
