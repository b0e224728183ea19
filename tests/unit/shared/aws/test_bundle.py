"""Several tables as one object."""

import pyarrow as pa

from shared.aws import bundle


def test_tables_come_back_as_they_were() -> None:
    texts: pa.Array = pa.array(["a", "b", "a", None]).dictionary_encode()
    tables = {
        "one": pa.table({"text": texts, "number": [1.5, None, 0.1 + 0.2, -0.0]}),
        "none": pa.table({"day": pa.array([], pa.date32())}),
    }
    read = bundle.from_bytes(bundle.to_bytes(tables))
    assert read == tables
    assert [*read] == ["one", "none"]
    assert str(read["one"]["number"][3]) == "-0.0"


def test_table_in_parts_comes_back_as_one_without_what_a_library_noted() -> None:
    whole = pa.table({"text": pa.array(["a", "b", "a", None, "c"]).dictionary_encode(), "number": [1, 2, 3, None, 5]})
    parts: list[pa.Array] = [
        pa.array(["a", "b"]).dictionary_encode(),
        pa.array(["a", None, "c"]).dictionary_encode(),
    ]
    given = pa.table({"text": pa.chunked_array(parts), "number": pa.chunked_array([[1, 2], [3, None, 5]])})
    (read,) = bundle.from_bytes(
        bundle.to_bytes({"one": given.replace_schema_metadata({"pandas": "of one machine"})})
    ).values()
    assert read == whole
    assert read.schema.metadata is None
    assert read["text"].num_chunks == 1
