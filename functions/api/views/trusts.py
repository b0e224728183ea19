"""Trusts: a search by name, code, region, integrated care board or type; and one trust."""

import re
from collections import Counter

from functions.api.http.paging import page
from functions.api.http.problems import check_choice
from functions.api.http.queries import Query, TrustsQuery
from functions.api.lookup import current_successors, resolve_trust
from functions.api.release import Release, Row
from functions.api.schemas.figures import Trust, TrustAnswer, TrustList


def trusts(release: Release, query: TrustsQuery) -> TrustList:
    """Trusts, ordered by code. Trusts that have successors are listed only if `q` is used."""
    exact = {"region": query.region, "icb": query.icb, "trust_type": query.type}
    for column, value in exact.items():
        known = {row[column].casefold(): row[column] for row in release.trusts.values() if row[column]}
        check_choice("type" if column == "trust_type" else column, value and value.casefold(), known)
    words = _letters(query.q or "").split()
    matches = [
        row
        for code, row in release.trusts.items()
        if (query.q or not current_successors(release, code))
        and all(value is None or (row[name] or "").casefold() == value.casefold() for name, value in exact.items())
        and _matches(row, words)
    ]
    on_page, next_cursor = page(matches, query, lambda row: (row["trust_code"],))
    return TrustList(
        trusts=tuple(Trust.model_validate(row) for row in on_page), total=len(matches), next_cursor=next_cursor
    )


def _matches(row: Row, words: list[str]) -> bool:
    code, name = row["trust_code"].casefold(), f" {_letters(row['trust_name'] or '')}"
    return "".join(words) in code or all(f" {word}" in name for word in words)


def _letters(text: str) -> str:
    """Text in lower case without punctuation, so that `st georges` matches St George's."""
    return re.sub(r"[^\w\s]", "", text.casefold())


def trust(release: Release, query: Query, code: str) -> TrustAnswer:
    """One trust, or its successor, and how many of its opportunities have each status."""
    resolved = resolve_trust(release, code)
    rows = release.by_trust[(resolved.answered_for,)]
    return TrustAnswer.of(
        resolved,
        trust=Trust.model_validate(release.trusts[resolved.answered_for or resolved.requested_code]),
        statuses=dict(sorted(Counter(row["status"] for row in rows).items())),
    )
