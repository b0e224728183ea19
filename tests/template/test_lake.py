"""The lake as the template declares it: what Athena needs and the local emulator does not look at."""

import re
from typing import Any

import pyarrow as pa
import pytest

from infra.generate import glue_tables
from infra.template import ROOT, Template, of_type, settled
from shared import keys
from shared.tables import RELEASE_TABLES

HIVE = {"string": "string", "double": "double", "int32": "int", "date32[day]": "date", "bool": "boolean"}
HIVE |= {"list<element: string>": "array<string>", "list<item: string>": "array<string>"}
HIVE |= {"map<string, double>": "map<string,double>", "map<string, string>": "map<string,string>"}

# What a SELECT of Athena takes for a word of its own (user guide, "Escape reserved keywords in queries").
RESERVED = """
ALTER AND AS BETWEEN BY CASE CAST CONSTRAINT CREATE CROSS CUBE CURRENT_CATALOG CURRENT_DATE CURRENT_PATH CURRENT_SCHEMA
CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEALLOCATE DELETE DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT EXECUTE
EXISTS EXTRACT FALSE FIRST FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT INTO IS JOIN LAST LEFT LIKE
LISTAGG LOCALTIME LOCALTIMESTAMP NATURAL NORMALIZE NOT NULL OF ON OR ORDER OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT
SKIP TABLE THEN TRIM TRUE UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH
""".split()  # noqa: SIM905 - a list of words, as the guide has it


def tables(template: Template) -> dict[str, dict[str, Any]]:
    return {each["TableInput"]["Name"]: each["TableInput"] for each in of_type(template, "AWS::Glue::Table").values()}


@pytest.mark.parametrize("name", RELEASE_TABLES)
def test_every_column_of_a_release_can_be_asked_for(template: Template, name: str) -> None:
    columns = tables(template)[name]["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in columns] == RELEASE_TABLES[name].names
    assert [column["Type"] for column in columns] == [HIVE[str(field.type)] for field in RELEASE_TABLES[name]]


@pytest.mark.parametrize("name", RELEASE_TABLES)
def test_partitions_follow_from_the_names_of_objects(template: Template, name: str) -> None:
    declared = tables(template)[name]
    assert declared["Parameters"]["projection.enabled"] == "true"
    assert declared["Parameters"]["projection.release_id.type"] == "injected"
    where = declared["Parameters"]["storage.location.template"]["Fn::Sub"].replace("${!release_id}", "abc")
    folder = where.removeprefix("s3://${DataBucket}/")
    assert keys.release("abc", f"{name}.parquet") == f"{folder}/{name}.parquet"
    assert declared["PartitionKeys"] == [{"Name": "release_id", "Type": "string"}]


def test_a_folder_holds_one_table_only() -> None:
    folders = [keys.release("abc", f"{name}.parquet").rpartition("/")[0] for name in RELEASE_TABLES]
    assert len(set(folders)) == len(folders)


def test_receipts_of_a_dataset_are_a_partition(template: Template) -> None:
    declared = tables(template)["receipts"]
    where = declared["Parameters"]["storage.location.template"]["Fn::Sub"].replace("${!dataset}", "eric_trust")
    folder = where.removeprefix("s3://${DataBucket}/")
    assert keys.receipt("eric_trust/2015-16/file.csv", "v1").startswith(folder)
    assert "dataset" not in [column["Name"] for column in declared["StorageDescriptor"]["Columns"]]


def test_no_query_can_read_more_than_a_gigabyte(template: Template) -> None:
    (group,) = of_type(settled(template), "AWS::Athena::WorkGroup").values()
    told = group["WorkGroupConfiguration"]
    assert told["BytesScannedCutoffPerQuery"] == 2**30
    assert told["EnforceWorkGroupConfiguration"] is True
    assert told["ResultConfiguration"]["EncryptionConfiguration"]["EncryptionOption"] == "SSE_S3"


def test_every_query_names_its_partitions(template: Template) -> None:
    """Athena refuses to ask a table with injected partitions for all of them."""
    queries = of_type(template, "AWS::Athena::NamedQuery")
    assert len(queries) == 5
    folders = {declared["Name"] for declared in tables(template).values()} | {"receipts"}
    for query in queries.values():
        ways = re.findall(r"\b(?:FROM|(?<!CROSS )JOIN) (\w+)", query["QueryString"])
        named = [name for name in ways if name in folders]  # not the query's own parts
        assert named, query["Name"]
        asked = re.findall(r"(?:release_id|dataset) = \?", query["QueryString"])
        assert len(asked) == len(named), query["Name"]
        assert query["Description"].endswith("?")
        assert len(re.findall(r"'[a-z ]+'", query["Description"].split("(")[-1])) == query["QueryString"].count("?")
        assert query["WorkGroup"] == {"Ref": "LakeWorkGroup"}


def test_columns_named_like_words_of_sql_are_quoted_and_the_page_names_them(template: Template) -> None:
    names = {column["Name"] for declared in tables(template).values()
             for column in declared["StorageDescriptor"]["Columns"]}  # fmt: skip
    reserved = {name for name in names if name.upper() in RESERVED}
    assert reserved == {"values"}
    assert '"values"' in (ROOT / "docs" / "api.md").read_text("utf-8")
    for query in of_type(template, "AWS::Athena::NamedQuery").values():
        for name in reserved:
            assert not re.search(rf'(?<!")\b{name}\b(?!")', query["QueryString"]), query["Name"]


def test_an_unknown_kind_of_column_is_no_column() -> None:
    with pytest.raises(KeyError):
        glue_tables.athena_type(pa.float32())
