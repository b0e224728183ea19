"""Trusts: a search by name, code, type or attributes; and one trust."""

import re
from collections import Counter
from collections.abc import Mapping

from functions.api.http.paging import page
from functions.api.http.problems import check_choice
from functions.api.http.queries import Query, TrustsQuery, unknown_parameter
from functions.api.lookup import current_successors, resolve_trust
from functions.api.release import Release, Row
from functions.api.schemas.figures import AttributeValue, Membership, Trust, TrustAnswer, TrustList


def trusts(release: Release, query: TrustsQuery) -> TrustList:
    """Organisations, ordered by code. Those that have successors are listed only if `q` is used."""
    attributes = {one.id: one for one in release.attributes}
    levels = [one.id for one in release.programme.population.levels]
    names = dict.fromkeys([*attributes, *levels[1:]])
    for name in query.attributes.keys() - names.keys():
        raise unknown_parameter(name, [*TrustsQuery.model_fields, *names])
    check_choice("level", query.level, {*levels})
    rows = release.trusts.all().values()
    wanted = [] if query.level is None else [{code for code in release.trusts if release.level_of(code) == query.level}]
    for name, value in query.attributes.items():
        if name in levels:
            belongs = {row["trust_code"]: dict(row["belongs_to"] or ()).get(name) for row in rows}
            spelling = {code: release.name(code) or code for code in belongs.values() if code}
            wanted.append(_having(name, value, belongs, spelling))
            continue
        codes = {row["trust_code"]: row["attributes"].get(name) for row in rows}
        wanted.append(_having(name, value, codes, attributes[name].names))
    if query.type is not None:
        types = {row["trust_code"]: row["trust_type"] for row in rows}
        wanted.append(_having("type", query.type, types, release.programme.population.trust_type_names))
    words = _letters(query.q or "").split()
    matches = [
        row
        for code, row in release.trusts.all().items()
        if (query.q or not current_successors(release, code))
        and all(code in codes for codes in wanted)
        and _matches(row, words)
    ]
    on_page, next_cursor = page(matches, query, lambda row: (row["trust_code"],))
    return TrustList(trusts=tuple(_trust(release, row) for row in on_page), total=len(matches), next_cursor=next_cursor)


def _having(parameter: str, value: str, texts: Mapping[str, str | None], names: Mapping[str, str]) -> set[str]:
    """The codes of the organisations whose text, or its name, is `value`; BadParameter if there is no such text."""
    known = {text for text in texts.values() if text}
    spelt = {text: {text.casefold(), names.get(text, text).casefold()} for text in known}
    check_choice(parameter, value.casefold(), {one for spellings in spelt.values() for one in spellings}, shown=known)
    return {code for code, text in texts.items() if text and value.casefold() in spelt[text]}


def _trust(release: Release, row: Row) -> Trust:
    # The names of networks are those of the level, if the register has the same codes as an attribute.
    named = {code: release.name(code) or code for _, code in row.get("belongs_to") or ()}
    attributes = [
        AttributeValue(attribute=one.id, title=one.title, code=code, name=one.names.get(code, named.get(code, code)))
        for one in release.attributes
        if (code := row["attributes"].get(one.id)) is not None
    ]
    kind, level = row["trust_type"], row.get("level")
    belongs_to = [
        Membership(level=name, called=release.programme_of(name).organisation.one, **release.names(code))
        for name, code in row.get("belongs_to") or ()
    ]
    return Trust.model_validate(
        row
        | release.names(row["trust_code"])
        | {
            "attributes": attributes,
            "level": level,
            "called": release.programme_of(level).organisation.one,
            "belongs_to": belongs_to,
            "trust_type_name": kind and release.programme.population.trust_type_names.get(kind, kind),
        }
    )


def _matches(row: Row, words: list[str]) -> bool:
    code, name = row["trust_code"].casefold(), f" {_letters(row['trust_name'] or '')}"
    return "".join(words) in code or all(f" {word}" in name for word in words)


def _letters(text: str) -> str:
    """Text in lower case without punctuation, so that `st georges` matches St George's."""
    return re.sub(r"[^\w\s]", "", text.casefold())


def trust(release: Release, query: Query, code: str) -> TrustAnswer:
    """One organisation, or its successor, and how many of its opportunities have each status."""
    resolved = resolve_trust(release, code)
    rows = release.by_trust[(resolved.answered_for,)]
    return TrustAnswer.of(
        resolved,
        trust=_trust(release, release.trusts[resolved.answered_for or resolved.requested_code]),
        statuses=dict(sorted(Counter(row["status"] for row in rows).items())),
    )
