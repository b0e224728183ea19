"""The Glue tables over a release in template.yaml, made from the tables' schemas.

Athena reads whole folders, so each table of a release has its own, named like a partition of Hive.
"""

from collections.abc import Iterator

import pyarrow as pa

from infra.generate import parts
from shared import keys
from shared.tables import RELEASE_TABLES

BEGIN = parts.begin("Tables of a release", "shared/tables.py")
_SERDE = "org.apache.hadoop.hive.ql.io.parquet"
_PLAIN = {pa.string(): "string", pa.float64(): "double", pa.int32(): "int", pa.date32(): "date", pa.bool_(): "boolean"}


def athena_type(kind: pa.DataType) -> str:
    """Athena's name of a column's type. KeyError for a type that no table has yet."""
    if pa.types.is_map(kind):
        return f"map<{athena_type(kind.key_type)},{athena_type(kind.item_type)}>"
    if pa.types.is_list(kind):
        return f"array<{athena_type(kind.value_type)}>"
    return _PLAIN[kind]


def updated(template: str) -> str:
    """A template's text with the tables of a release."""
    lines = [line for name, schema in RELEASE_TABLES.items() for line in _table(name, schema)]
    return parts.replaced(template, BEGIN, lines)


def _table(name: str, schema: pa.Schema) -> Iterator[str]:
    where = keys.table_folder(name)
    yield f"  {name.title()}Table:"
    yield "    Type: AWS::Glue::Table"
    yield "    Properties:"
    yield "      CatalogId: !Ref AWS::AccountId"
    yield "      DatabaseName: !Ref LakeDatabase"
    yield "      TableInput:"
    yield f"        Name: {name}"
    yield "        TableType: EXTERNAL_TABLE"
    yield "        Parameters:"
    yield "          classification: parquet"
    yield '          projection.enabled: "true"'
    yield "          projection.release_id.type: injected # a query names its releases and reads only those"
    yield f'          storage.location.template: !Sub "s3://${{DataBucket}}/{where}release_id=${{!release_id}}"'
    yield "        PartitionKeys: [{Name: release_id, Type: string}]"
    yield "        StorageDescriptor:"
    yield f'          Location: !Sub "s3://${{DataBucket}}/{where}"'
    yield f"          InputFormat: {_SERDE}.MapredParquetInputFormat"
    yield f"          OutputFormat: {_SERDE}.MapredParquetOutputFormat"
    yield f"          SerdeInfo: {{SerializationLibrary: {_SERDE}.serde.ParquetHiveSerDe}}"
    yield "          Columns:"
    for field in schema:
        yield f"            - {{Name: {field.name}, Type: {_quoted(athena_type(field.type))}}}"
    yield ""


def _quoted(kind: str) -> str:
    return f'"{kind}"' if "<" in kind else kind
