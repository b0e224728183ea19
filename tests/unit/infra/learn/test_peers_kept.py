"""How many peers stay when weights change, on a line of trusts that a person can check."""

from infra.learn.peers_kept import peers_kept, with_equal_weights
from shared.facts.population import Population
from tests.support.facts_of import facts_of
from tests.support.groups_of import HEADER, method_of, recipe

VARIABLES = [
    {"measure": "trust_characteristics.size", "scale": "none"},
    {"measure": "trust_characteristics.age", "scale": "none"},
]


def test_share_of_peers_that_stay_by_hand() -> None:
    # One peer each. RAA (0, 0) and RAB (1, 9) are near by size, RAC (9, 0) and RAA by age.
    rows = {"RAA": (0, 0), "RAB": (1, 9), "RAC": (9, 0.5), "RAD": (10, 9)}
    text = HEADER + "".join(
        f"{code},2019-04-01,2020-03-31,{name},{value},,2019-20\n"
        for code, pair in rows.items()
        for name, value in zip(("size", "age"), pair, strict=True)
    )
    facts, method = facts_of(trust_characteristics=text), method_of()
    population = Population(facts, method.programme)
    # Equal weights: RAA–RAC 81.25 < RAA–RAB 82; RAB–RAD 81 < RAB–RAA 82; RAC–RAD 73.25 < 81.25; RAD–RAC 73.25 < 81.
    equal = recipe(VARIABLES, k=1, runners_up=1)
    by_size = recipe([VARIABLES[0] | {"weight": 0.9}, VARIABLES[1] | {"weight": 0.1}], k=1, runners_up=1)
    by_age = recipe([VARIABLES[0] | {"weight": 0.1}, VARIABLES[1] | {"weight": 0.9}], k=1, runners_up=1)
    assert with_equal_weights(by_size) == equal
    # By size RAA–RAB, RAC–RAD; by age RAA–RAC, RAB–RAD.
    assert peers_kept(by_size, equal, facts, method, population).to_dict() == {"RAA": 0, "RAB": 0, "RAC": 1, "RAD": 1}
    assert peers_kept(by_age, equal, facts, method, population).to_dict() == {"RAA": 1, "RAB": 1, "RAC": 0, "RAD": 0}
