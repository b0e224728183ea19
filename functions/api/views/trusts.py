"""Finding trusts by name, code, region, integrated care board or type."""

import re
from collections import Counter

from functions.api.http.paging import page
from functions.api.http.problems import not_one_of
from functions.api.http.queries import NoQuery, TrustsQuery
from functions.api.lookup import present, resolve_trust
from functions.api.release import Release, Row
from functions.api.schemas.figures import Trust, TrustAnswer, TrustList


def trusts(release: Release, query: TrustsQuery) -> TrustList:
    """Trusts in the order of their codes. Those that others took over from are listed only when searched for."""
    exact = {"region": query.region, "icb": query.icb, "trust_type": query.type}
    for column, asked in exact.items():
        known = {row[column].casefold(): row[column] for row in release.trusts.values() if row[column]}
        not_one_of("type" if column == "trust_type" else column, asked and asked.casefold(), known)
    wanted = _letters(query.q or "").split()
    found = [
        row
        for code, row in release.trusts.items()
        if (query.q or not present(release, code))
        and all(asked is None or (row[name] or "").casefold() == asked.casefold() for name, asked in exact.items())
        and _matches(row, wanted)
    ]
    shown, following = page(found, query, lambda row: (row["trust_code"],))
    return TrustList(trusts=tuple(Trust.model_validate(row) for row in shown), total=len(found), next_cursor=following)


def _matches(row: Row, wanted: list[str]) -> bool:
    code, name = row["trust_code"].casefold(), f" {_letters(row['trust_name'] or '')}"
    return "".join(wanted) in code or all(f" {word}" in name for word in wanted)


def _letters(text: str) -> str:
    """A text as people type it: St George's is found as st georges."""
    return re.sub(r"[^\w\s]", "", text.casefold())


def trust(release: Release, query: NoQuery, code: str) -> TrustAnswer:
    """One trust, or the one that took over from it, and how many of its rows have which status."""
    asked = resolve_trust(release, code)
    rows = release.by_trust[(asked.answered_for,)]
    return TrustAnswer.of(
        asked,
        trust=Trust.model_validate(release.trusts[asked.answered_for or asked.requested_code]),
        statuses=dict(sorted(Counter(row["status"] for row in rows).items())),
    )
