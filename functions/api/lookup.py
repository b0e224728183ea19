"""Finds what an address names in a release, or says what is near it."""

from functions.api.http.problems import NotFound, unknown
from functions.api.release import Release, Row
from functions.api.schemas.figures import Asked, Described, Named


def resolve_trust(release: Release, code: str) -> Asked:
    """Follow a code to the trust that answers for it now; NotFound with the nearest codes and names."""
    code = code.upper()
    if code not in release.trusts:
        raise _unknown_trust(release, code)
    successors = present(release, code)
    answered = code if not successors else successors[0] if len(successors) == 1 else None
    said = None
    if answered is None:
        several = ", ".join(f"{release.name(other)} ({other})" for other in successors)
        said = f"{code} was divided between several trusts; ask for one of them: {several}."
    elif answered != code:
        said = f"{code} is now part of {answered}, for which this answers."
    return Asked(
        requested_code=code,
        answered_for=answered,
        trust_name=release.name(answered or code),
        successors=tuple(named(release, other) for other in successors),
        words=said,
    )


def present(release: Release, code: str) -> list[str]:
    """The trusts that took over from one that is gone; none for one that lives on."""
    trust = release.trusts[code]
    if trust["closed"] is None and trust["in_register"]:
        return []
    return [other for other in trust["successors"] or () if other in release.trusts and other != code]


def named(release: Release, code: str) -> Named:
    """A code with its name."""
    return Named(trust_code=code, trust_name=release.name(code))


def _unknown_trust(release: Release, code: str) -> NotFound:
    names = {row["trust_name"].upper(): key for key, row in release.trusts.items() if row["trust_name"]}
    problem = unknown("trust", code, [*release.trusts, *names])
    near = dict.fromkeys(names.get(name, name) for name in problem.extra["suggestions"])
    problem.extra["suggestions"] = [dict(named(release, other)) for other in near]
    return problem


def row_of(release: Release, code: str, opportunity_id: str) -> Row:
    """A trust's row of one opportunity; NotFound where it has none."""
    for row in release.by_trust[(code,)]:
        if row["opportunity_id"] == opportunity_id:
            return row
    raise NotFound(f"{code} has no row for {opportunity_id} in this release.", suggestions=[])


def definition_of(release: Release, opportunity_id: str) -> Described:
    """An opportunity's definition; NotFound with the nearest ids."""
    found = release.method.opportunities.get(opportunity_id)
    if found is None:
        raise unknown("opportunity", opportunity_id, release.method.opportunities)
    return Described(**dict(found), opportunity_id=opportunity_id)
