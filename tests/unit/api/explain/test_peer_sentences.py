"""What is said of a pair in a group that prefers some trusts, or wants its peers to be mutual."""

from typing import Any

from functions.api.explain.peer_reasons import NearestTrusts, PeerReason
from functions.api.explain.peer_sentences import PeerSentences, preference
from functions.api.schemas.figures import NamedTrust
from shared.facts.facts import Facts
from shared.method.names import Organisation
from shared.method.peer_groups import NearestGroup, Preference
from tests.support.facts_of import facts_of
from tests.support.groups_of import HEADER, characteristics_table, nearest, sizes

SCHOOL = Organisation(one="school", many="schools")
REGIONS = {"RAA": "North", "RAB": "South", "RAC": "South", "RAD": "North", "RAE": "North"}
PREFER = {"measure": "ods_trusts.home_region", "among": 3}


def facts() -> Facts:
    regions = "".join(f"{code},2019-04-01,2020-03-31,home_region,,{one},2019-20\n" for code, one in REGIONS.items())
    return facts_of(trust_characteristics=sizes(RAA=0, RAB=1, RAC=2, RAD=3, RAE=9), ods_trusts=HEADER + regions)


def explained(code: str, other: str, **given: Any) -> tuple[PeerReason, str]:
    definition = nearest(**{"k": 1, "runners_up": 1, **given})
    group = NearestGroup.model_validate(definition)
    reason = NearestTrusts(group, characteristics_table(facts(), g=definition)).why(code, other)
    named = PeerSentences(
        lambda one: NamedTrust(trust_code=one, trust_name=None, display_name=None), code, group, "2019-20", SCHOOL
    )
    return reason, named.explain(reason)


def test_a_preferred_trust_is_a_peer_although_others_are_nearer() -> None:
    reason, sentence = explained("RAA", "RAD", prefer=PREFER)
    assert (reason.reason, reason.attribute, reason.other_attribute) == ("peer", "North", "North")
    assert sentence == (
        "RAD is a peer: 1st in the list of 4, at a distance of 3. Both have the home region “North”, so it comes "
        "before those that have another. Largest shares of the distance: Size (100%)."
    )


def test_a_nearer_trust_that_is_not_preferred_comes_later() -> None:
    reason, sentence = explained("RAA", "RAB", prefer=PREFER)
    assert (reason.reason, reason.attribute, reason.other_attribute) == ("runner_up", "North", "South")
    assert sentence.startswith(
        "RAB is a runner-up, not a peer: 2nd in the list of 4, at a distance of 1. The last peer, RAD, is 1st, at 3. "
        "Of the 3 nearest, those with the same home region come first. It is not one of these."
    )


def test_a_trust_of_the_region_that_is_not_among_the_nearest_is_not_preferred() -> None:
    reason, sentence = explained("RAA", "RAE", prefer=PREFER)
    assert reason.reason == "too_far"
    assert sentence.startswith("RAE comes too late in the list to be a peer: 4th in the list of 4, at a distance of 9.")
    assert "It is not one of these." in sentence


def test_a_trust_among_the_nearest_that_has_others_nearer_is_one_sided() -> None:
    # RAE's nearest is RAD, whose nearest is RAC.
    reason, sentence = explained("RAE", "RAD", mutual=True)
    assert (reason.reason, reason.last_peer) == ("one_sided", None)
    assert sentence.startswith(
        "RAD is not a peer, because it does not have RAE among its own nearest: 1st nearest of 4, at a distance of 6."
    )
    assert explained("RAA", "RAB", mutual=True)[0].reason == "peer"


def test_a_trust_that_lacks_the_text_of_candidates_is_no_ones_peer_and_has_peers() -> None:
    southern = {"measure": "ods_trusts.home_region", "only": ["South"]}
    reason, sentence = explained("RAA", "RAD", candidates=southern)
    assert (reason.reason, reason.other_attribute, reason.out_of) == ("not_a_candidate", "North", 2)
    assert sentence == "RAD is not a peer, because only schools with the home region “South” are: it has “North”."
    assert explained("RAD", "RAC", candidates=southern)[0].reason == "peer"
    both, _ = explained("RAB", "RAC", candidates=southern, prefer={"measure": "ods_trusts.home_region", "among": 2})
    assert (both.reason, both.attribute) == ("peer", "South")


def test_several_preferences_and_texts_are_named_in_turn() -> None:
    rule = Preference.model_validate(
        {"measure": "d.building_type", "only": ["PFI", "PF2"], "among": 60, "then": [{"measure": "d.region"}]}
    )
    assert preference(rule) == (
        "Of the 60 nearest, those with the same building type (“PFI” or “PF2”) come first, then those with the same "
        "region."
    )
