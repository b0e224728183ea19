"""Several tables as one object."""

import pyarrow as pa

from shared.aws import bundle


def test_tables_come_back_as_they_were_and_the_bytes_depend_on_them_alone() -> None:
    texts: pa.Array = pa.array(["a", "b", "a", None]).dictionary_encode()
    tables = {
        "one": pa.table({"text": texts, "number": [1.5, None, 0.1 + 0.2, -0.0]}),
        "none": pa.table({"day": pa.array([], pa.date32())}),
    }
    body = bundle.to_bytes(tables)
    assert bundle.to_bytes(tables) == body
    assert bundle.from_bytes(body) == tables
    assert [*bundle.from_bytes(body)] == ["one", "none"]
