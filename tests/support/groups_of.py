"""Peer groups and what they were made from, for tests: groups as they stand in YAML, facts as rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import yaml
from pydantic import TypeAdapter

from functions.peers.characteristics import characteristics
from functions.peers.groups import peer_groups
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.method import Method
from shared.method.peer_groups import NearestGroup, PeerGroup
from shared.method.programme import Programme
from shared.tables import CHARACTERISTICS, PEERS
from tests.support.paths import METHOD

SHIPPED: dict[str, Any] = yaml.safe_load((METHOD / "peer_groups.yaml").read_text("utf-8"))["peer_groups"]
PROGRAMME = yaml.safe_load((METHOD / "programme.yaml").read_text("utf-8"))["programme"]
HEADER = "code,period_start,period_end,measure,value,text,period\n"


def method_of(overrides: list[dict[str, str]] | None = None, **groups: Any) -> Method:
    """The shipped programme with other groups, and perhaps with other successions that it adds itself."""
    programme = Programme.model_validate(PROGRAMME)
    population = programme.population
    if overrides is not None:
        successors = population.successors.model_validate(
            {**population.successors.model_dump(), "overrides": overrides}
        )
        programme = programme.model_copy(
            update={"population": population.model_copy(update={"successors": successors})}
        )
    read = {name: TypeAdapter(PeerGroup).validate_python(group) for name, group in groups.items()}
    return Method.model_construct(programme=programme, peer_groups=read)


def peer_rows(facts: Facts, overrides: list[dict[str, str]] | None = None, **groups: Any) -> list[dict[str, Any]]:
    """The rows of `PEERS`."""
    method = method_of(overrides, **groups)
    return _rows(peer_groups(facts, method, Population(facts, method.programme)), PEERS)


def characteristics_table(facts: Facts, **groups: Any) -> pa.Table:
    """The table `CHARACTERISTICS`."""
    method = method_of(**groups)
    return characteristics(facts, method, Population(facts, method.programme))


def characteristics_rows(facts: Facts, **groups: Any) -> list[dict[str, Any]]:
    """Its rows."""
    return _rows(characteristics_table(facts, **groups), CHARACTERISTICS)


def _rows(table: pa.Table, schema: pa.Schema) -> list[dict[str, Any]]:
    assert table.schema == schema
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def nearest(**given: Any) -> dict[str, Any]:
    """A group of the two nearest by size; other settings replace these."""
    variable = {"measure": "trust_characteristics.size", "label": "Size", "scale": "none"}
    plain = {"kind": "nearest", "title": "t", "explanation": "e", "source": "s", "variables": [variable]}
    return {**plain, "k": 2, "runners_up": 0, "stability": {"draws": 2}, **given}


def sizes(**values: float | str) -> str:
    """Trusts with a size, as CSV."""
    return HEADER + "".join(f"{code},2019-04-01,2020-03-31,size,{value},,2019-20\n" for code, value in values.items())


def successions(*lines: str) -> str:
    """Successions, as CSV: each `old new day`."""
    return HEADER + "".join(
        f"{old},{day},{day},successor,,{new},2022\n" for old, new, day in (line.split() for line in lines)
    )


def recipe(variables: Sequence[Mapping[str, Any]], **given: Any) -> NearestGroup:
    named = [{"measure": f"d.v{place}", "label": "v", **each} for place, each in enumerate(variables)]
    return NearestGroup.model_validate(
        {"kind": "nearest", "title": "t", "explanation": "e", "source": "s", "variables": named, **given}
    )
