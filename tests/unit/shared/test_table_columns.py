"""Every table of a release and every column of it is explained, once."""

import re

import pytest

from shared.table_columns import TABLES, columns_of, rows_of
from shared.tables import RELEASE_TABLES

WORDS = {"one": "school", "many": "schools", "an": "a"}


@pytest.mark.parametrize("table", RELEASE_TABLES)
def test_every_column_of_every_table_is_explained(table: str) -> None:
    columns = [*columns_of(table, WORDS)]
    assert [one.name for one in columns] == RELEASE_TABLES[table].names
    for text in (rows_of(table, WORDS), *(one.words for one in columns)):
        assert re.fullmatch(r"\S.*\S\.", text)
        assert "trust" not in text.replace("trust_", "")  # the programme's own noun
        assert "{" not in text


def test_nothing_is_explained_that_no_table_has() -> None:
    assert TABLES.keys() == RELEASE_TABLES.keys()
    for table, text in TABLES.items():
        assert text.columns.keys() <= {*RELEASE_TABLES[table].names}


def test_cells_are_said_in_words() -> None:
    cells = {one.name: one.cells for one in columns_of("trusts", WORDS)}
    assert cells == {
        "trust_code": "text", "trust_name": "text", "attributes": "texts by id", "trust_type": "text",
        "opened": "date", "closed": "date", "successors": "texts", "in_register": "yes or no", "level": "text",
        "belongs_to": "texts by id",
    }  # fmt: skip
