"""Readers read parts of tables: the same answers as from whole ones, from few calls and bytes."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from functions.api import release as module
from functions.api.release import Release
from shared import keys, tables
from shared.ids import ReleaseId
from shared.releases.manifest import IN_PARTS, Manifest
from shared.releases.write import COPIES, LATEST, MANIFEST
from tests.oracles.scale.whole_release import WholeRelease
from tests.support.api.published import MemoryStore, Service
from tests.support.paths import needs_real_data

TRUSTS = 4


@pytest.fixture(params=["samples", pytest.param("real", marks=needs_real_data)])
def published(request: pytest.FixtureRequest) -> Service:
    made: Service = request.getfixturevalue(request.param)
    return made


def addresses(service: Service) -> Iterator[tuple[str, dict[str, str]]]:
    """Every kind of address, for some trusts, all opportunities and all groups."""
    held = service.releases.current()
    release_id, codes = held.id, [*held.trusts]
    some = codes[:: max(len(codes) // TRUSTS, 1)][:TRUSTS]
    opportunities, groups = [*held.method.opportunities], [*held.method.peer_groups]
    yield from ((f"/v1/{name}", {}) for name in ("trusts", "programme", "datasets", "tables", "releases/current"))
    yield "/v1/trusts", {"q": "a", "limit": "500"}
    for opportunity in opportunities:
        for order in ("code", "gain", "percentile"):
            yield f"/v1/opportunities/{opportunity}", {"order": order, "limit": "20"}
        yield f"/v1/opportunities/{opportunity}", {"quartile": "1", "limit": "500"}
    for code in some:
        trust = f"/v1/trusts/{code}"
        yield trust, {}
        yield f"{trust}/opportunities", {"status": "all", "limit": "500"}
        yield f"{trust}/metrics", {"limit": "500"}
        yield f"/v1/releases/{release_id}/changes", {"since": release_id, "trust": code}
        for opportunity in opportunities:
            yield f"{trust}/opportunities/{opportunity}", {}
            yield f"{trust}/opportunities/{opportunity}/trend", {"limit": "500"}
        for group in groups:
            for period in (None, *(one.label for one in held.group_periods(group, held.level_of(code)) if one.label)):
                query = {"group": group} | ({"period": period} if period else {})
                yield f"{trust}/peers", query | {"limit": "500"}
                yield f"{trust}/peers/{some[-1]}", query


def without_pairs(held: Release, name: str, table: pa.Table) -> pa.Table:
    """The table without the pairs of groups by attribute."""
    kinds = held.method.peer_groups.items()
    by_attribute = [group for group, definition in kinds if definition.kind == "same_attribute"]
    if name != "peers":
        return table
    return table.filter(pc.invert(pc.is_in(table["group_id"], value_set=pa.array(by_attribute, pa.string()))))


def small_groups(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=7, write_statistics=["trust_code"] if table.num_rows % 2 else True)
    return sink.getvalue()


def one_group(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="snappy")
    return sink.getvalue()


def rewritten(service: Service, write: Callable[[pa.Table], bytes], *, pairs: bool, copies: bool) -> Service:
    """The same release, its tables written in another way."""
    store, held = MemoryStore(), service.releases.current()
    store.objects |= service.store.objects
    for key in service.store.names("tables/"):
        name = key.split("/")[1]
        table = tables.from_bytes(service.store.objects[key])
        store.objects[key] = write(table if pairs else without_pairs(held, name, table))
    for name in (*COPIES, LATEST):
        key = keys.in_order(held.id, name)
        if copies:
            store.objects[key] = write(tables.from_bytes(service.store.objects[key]))
        else:
            del store.objects[key]
    return Service(store if copies else in_one_file(store, held.id))


def in_one_file(store: MemoryStore, release_id: ReleaseId) -> MemoryStore:
    """The same release, its tables `metrics` and `trend` in one file each."""
    manifest = store.read_model(Manifest, keys.release(release_id, MANIFEST))
    for output in manifest.outputs:
        if output.name in IN_PARTS:
            bodies = [store.objects.pop(keys.part(release_id, output.name, metric)) for metric in output.parts]
            whole = pa.concat_tables([pq.read_table(io.BytesIO(body)) for body in bodies])
            store.objects[keys.release(release_id, f"{output.name}.parquet")] = one_group(whole)
    outputs = [output.model_copy(update={"parts": {}}) for output in manifest.outputs]
    store.write_model(keys.release(release_id, MANIFEST), manifest.model_copy(update={"outputs": outputs}))
    return store


WAYS: dict[str, Callable[[Service], Service]] = {
    "as it is": lambda service: Service(service.store),
    "tiny row groups and no pairs": lambda service: rewritten(service, small_groups, pairs=False, copies=True),
    "of before there were row groups and copies": lambda service: rewritten(
        service, one_group, pairs=True, copies=False
    ),
}


def without_parts(answer: bytes) -> bytes:
    """An answer of a release in which no table has a file for each metric."""
    text = re.sub(r'"parts":\{("[^"]+":\{[^{}]*\},?)*\}', '"parts":{}', answer.decode())
    return text.replace('"by_metric":true', '"by_metric":false').encode()


@pytest.mark.parametrize("way", WAYS)
def test_answers_are_those_of_whole_tables_byte_for_byte(
    published: Service, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [*addresses(published)]
    assert len(asked) > 100
    answers = [in_parts.get(*one) for in_parts in (WAYS[way](published),) for one in asked]
    monkeypatch.setattr(module, "Release", WholeRelease)
    whole = Service(published.store)
    statuses = Counter[int]()
    for one, answer in zip(asked, answers, strict=True):
        expected = whole.get(*one)
        body = without_parts(expected.body) if "of before" in way else expected.body
        assert (answer.status, answer.body) == (expected.status, body), one
        statuses[answer.status] += 1
    assert statuses[200] > 100
