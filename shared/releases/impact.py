"""Impact: what changes for trusts between two releases, counted and in sentences.

A summary of two releases' tables `opportunities`, `peers` and `findings`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from shared.findings import IN_DETAIL, listed
from shared.formatting import SHARE, amount
from shared.method.programme import Programme
from shared.releases.contents import Contents, PeerPeriod, Row, all_pairs
from shared.statuses import OpportunityStatus

if TYPE_CHECKING:
    import pyarrow as pa

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
    before: "Mapping[str, pa.Table] | None",
    after: "Mapping[str, pa.Table]",
    programme: Programme,
    at_least: float = AT_LEAST,
    share_at_least: float = SHARE_AT_LEAST,
) -> Impact:
    """What changes from `before` (None or empty: there was no release) to `after`: table name → table of a release.

    A table that is missing counts as empty. Sentences have the words and the currency of `programme`.
    """
    old, new = Contents((before or {}).get), Contents(after.get)
    changes = sorted(
        _opportunities(old, new, programme.currency, at_least, share_at_least), key=lambda change: change.order
    )
    peers = sorted(_peers(old, new), key=_peer_order)
    findings = sorted(_findings(old, new), key=_finding_order)
    kinds = [change.change.kind for change in changes]
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
        summary=tuple(_summary(counts, programme, at_least, share_at_least, first=not before)),
        opportunities=tuple(change.change for change in changes[:IN_DETAIL]),
        peers=tuple(peers[:IN_DETAIL]),
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


def _figure(row: Row | None) -> Figure | None:
    if row is None:
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


def _opportunities(
    before: Contents, after: Contents, currency: str, at_least: float, share: float
) -> Iterator[_Change]:
    for trust, opportunity, earlier, later in all_pairs(before, after, *_COLUMNS):
        was, now = _figure(earlier), _figure(later)
        kind = _kind(was, now, at_least, share)
        if kind:
            change = OpportunityChange(
                kind=kind,
                trust_code=trust,
                trust_name=next(row["trust_name"] for row in (later, earlier) if row),
                opportunity_id=opportunity,
                before=was,
                after=now,
                sentence=f"{trust}, {opportunity}: {_sentence(kind, was, now, currency)}",
            )
            cash, of = _moved(_cash(was), _cash(now)), _moved(_of(was), _of(now))
            yield _Change(change, (-max(cash), -max(of), trust, opportunity))


def _kind(was: Figure | None, now: Figure | None, at_least: float, share: float) -> Kind | None:
    shown = [figure is not None and figure.status == OpportunityStatus.OPPORTUNITY for figure in (was, now)]
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


def _peers(before: Contents, after: Contents) -> Iterator[PeerChange]:
    """Sets of the same period compared, of the programme's own organisations; a newest period that is new, with the one
    that was newest."""
    above = before.above | after.above
    for group, trust in before.peers.keys() | after.peers.keys():
        if trust in above:
            continue
        old, new = (_by_label(release.peers.get((group, trust), {})) for release in (before, after))
        pairs = {(period, period) for period in old.keys() & new.keys()}
        newest = tuple(next(reversed(list(sets)), None) for sets in (old, new))
        if not old or not new or newest[0] != newest[1]:
            pairs.add((newest[0], newest[1]))
        for then, now in pairs:
            was, has = old.get(then, frozenset()), new.get(now, frozenset())
            if was != has:
                yield _peer_change(group, trust, then, now, sorted(has - was), sorted(was - has))


def _by_label(periods: Mapping[PeerPeriod, frozenset[str]]) -> dict[str | None, frozenset[str]]:
    return {label: peers for (_, label), peers in periods.items()}


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
