"""The Glue tables over a release, made of the tables' schemas: `python -m infra.generate.glue_tables` writes them into
template.yaml.

Athena reads whole folders, so each table of a release has one of its own, named as Hive names partitions.
"""

import sys
from collections.abc import Iterator

import pyarrow as pa

from infra.template import TEMPLATE
from shared import keys
from shared.tables import RELEASE_TABLES

BEGIN, END = "  # >>> written by `make fix`, from shared/tables.py", "  # <<<"
_SERDE = "org.apache.hadoop.hive.ql.io.parquet"
_PLAIN = {pa.string(): "string", pa.float64(): "double", pa.int32(): "int", pa.date32(): "date", pa.bool_(): "boolean"}


def athena_type(kind: pa.DataType) -> str:
    """A column's type as Athena writes it; KeyError for one that no table has so far."""
    if pa.types.is_map(kind):
        return f"map<{athena_type(kind.key_type)},{athena_type(kind.item_type)}>"
    if pa.types.is_list(kind):
        return f"array<{athena_type(kind.value_type)}>"
    return _PLAIN[kind]


def fragment() -> str:
    """The resources, as they stand in the template."""
    return "\n".join([BEGIN, *(line for name, schema in RELEASE_TABLES.items() for line in _table(name, schema)), END])


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
    yield "          projection.release_id.type: injected # a query names its releases, and reads no others"
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


def written(template: str) -> str:
    """A template's text with the tables as they should be."""
    before, _, rest = template.partition(BEGIN)
    return before + fragment() + rest.partition(END)[2]


def main(arguments: list[str]) -> int:
    """Write the tables, or with --check say whether those in the template are right."""
    text = TEMPLATE.read_text("utf-8")
    if "--check" not in arguments:
        TEMPLATE.write_text(written(text), "utf-8")
    elif written(text) != text:
        print("template.yaml holds other Glue tables than shared/tables.py: run make fix.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
