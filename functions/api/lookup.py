"""Looks up a trust, row or opportunity in a release; NotFound suggests similar names."""

from functions.api.http.problems import NotFound, not_in_release
from functions.api.release import Release, Row
from functions.api.schemas.figures import NamedTrust, OpportunityDefinition, ResolvedTrust


def resolve_trust(release: Release, code: str) -> ResolvedTrust:
    """Follow a code to the trust that exists today; NotFound with similar codes and names."""
    code = code.upper()
    if code not in release.trusts:
        raise _unknown_trust(release, code)
    successors = current_successors(release, code)
    answered_for = code if not successors else successors[0] if len(successors) == 1 else None
    sentence = None
    if answered_for is None:
        several = ", ".join(f"{release.names(other)['display_name']} ({other})" for other in successors)
        many = release.programme_of(release.level_of(code)).organisation.many
        sentence = f"{code} was divided between several {many}. Use one of their codes instead: {several}."
    elif answered_for != code:
        sentence = f"{code} is now part of {answered_for}. This answer is for {answered_for}."
    names = release.names(answered_for or code)
    return ResolvedTrust(
        requested_code=code,
        answered_for=answered_for,
        trust_name=names["trust_name"],
        display_name=names["display_name"],
        successors=tuple(named_trust(release, other) for other in successors),
        words=sentence,
    )


def current_successors(release: Release, code: str) -> list[str]:
    """The codes of the trusts that took over a closed trust; none for a trust that still exists."""
    trust = release.trusts[code]
    if trust["closed"] is None and trust["in_register"]:
        return []
    return [other for other in trust["successors"] or () if other in release.trusts and other != code]


def named_trust(release: Release, code: str) -> NamedTrust:
    """A trust's code with its names."""
    return NamedTrust.model_validate(release.names(code))


def _unknown_trust(release: Release, code: str) -> NotFound:
    names = {name.upper(): code for code in release.trusts if (name := release.name(code))}
    problem = not_in_release(release.programme.organisation.one, code, [*release.trusts, *names])
    similar_codes = dict.fromkeys(names.get(name, name) for name in problem.extra["suggestions"])
    problem.extra["suggestions"] = [dict(named_trust(release, other)) for other in similar_codes]
    return problem


def row_of(release: Release, code: str, opportunity_id: str) -> Row:
    """A trust's row of the table `opportunities` for one opportunity; NotFound if it has none."""
    for row in release.by_trust[(code,)]:
        if row["opportunity_id"] == opportunity_id:
            return row
    raise NotFound(f"This release has no {opportunity_id} for {code}.", suggestions=[])


def definition_of(release: Release, opportunity_id: str) -> OpportunityDefinition:
    """An opportunity's definition; NotFound with similar ids and their titles."""
    definition = release.method.opportunities.get(opportunity_id)
    if definition is None:
        problem = not_in_release("opportunity", opportunity_id, release.method.opportunities)
        problem.extra["suggestions"] = [
            {"opportunity_id": one, "title": release.method.opportunities[one].title}
            for one in problem.extra["suggestions"]
        ]
        raise problem
    return OpportunityDefinition(**dict(definition), opportunity_id=opportunity_id)
