"""What the gate refuses of levels, keyed files and counts, tried on the sample programme of prescribing."""

import pytest

from samples.prescribing.generate import COMMITTED
from shared.method.load import MethodFaults, load

METHOD = (COMMITTED / "method/1/method.yaml").read_text("utf-8")


def test_the_sample_passes() -> None:
    assert [level.id for level in load(METHOD).programme.population.levels] == ["practice", "network", "board"]


@pytest.mark.parametrize(
    ("part", "instead", "said"),
    [
        ("direction: lower_is_better\n    window: {months: 3, at_least: 3}\n    minimum_denominator: 100\n",
         "direction: lower_is_better\n    window: {months: 3, at_least: 3}\n    zero_numerator: missing\n",
         "metrics.broad_antibiotics.zero_numerator: a zero means missing here, but items.broad_antibiotics is zero "
         "where it is absent; take one of the two out"),
        ("numerator: [items.nervoline_cost]", "numerator: [profiles.over_65]",
         "metrics.nervoline_cost.numerator[0]: profiles.over_65 is in percent, which does not add up over practices"),
        ("measure: network, name: network_name, organisation", "measure: newtork, name: network_name, organisation",
         "programme.population.levels[1].measure: there is no measure of practices called 'newtork'"),
        ("name: board_name, organisation", "name: setting_name, organisation",
         "programme.population.levels[2].name: there is no measure of practices called 'setting_name'"),
        ("      - {id: practice}\n", "      - {id: practice, measure: network}\n",
         "it has an id alone; take the rest out"),
        ("of_keys: [9112TAB]}\n    tavosatin_generic:", "of_kees: [9112TAB]}\n    tavosatin_generic:",
         "there is no such setting here"),
    ],
)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_refused(part: str, instead: str, said: str) -> None:
    assert METHOD.count(part) == 1
    with pytest.raises(MethodFaults) as caught:
        load(METHOD.replace(part, instead))
    assert any(said in fault for fault in caught.value.faults), caught.value.faults
