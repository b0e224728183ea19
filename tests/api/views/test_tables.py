"""The tables of a release, explained; and what the method says of itself."""

import csv
import io

import pytest

from functions.api import table_files
from tests.support.api.published import RELEASE, Service


def test_the_columns_of_each_table_are_those_of_its_file(service: Service) -> None:
    tables = service.get("/v1/tables").json()["tables"]
    outputs = service.get("/v1/releases/current").json()["manifest"]["outputs"]
    assert [(one["table"], one["rows"]) for one in tables] == [(one["name"], one["rows"]) for one in outputs]
    for one in tables:
        file = service.get(f"/v1/releases/{RELEASE}/tables/{one['table']}.csv").body.decode("utf-8-sig")
        assert [column["column"] for column in one["columns"]] == next(csv.reader(io.StringIO(file)))


def test_a_table_with_too_many_cells_has_fewer_formats(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    # Opportunities are 11 rows of 55 columns, which is 605 cells; peers 20 of 11, which is 220.
    monkeypatch.setitem(table_files.MOST_CELLS, "xlsx", 604)
    monkeypatch.setitem(table_files.MOST_CELLS, "csv", 605)
    formats = {one["table"]: one["formats"] for one in service.get("/v1/tables").json()["tables"]}
    assert (formats["opportunities"], formats["peers"]) == (["parquet", "csv"], ["parquet", "csv", "xlsx"])
    assert service.get(f"/v1/releases/{RELEASE}/tables/opportunities.xlsx").status == 413
    assert service.get(f"/v1/releases/{RELEASE}/tables/opportunities.csv").status == 200


def test_tables_are_explained_in_the_words_of_the_programme(schools: Service) -> None:
    tables = {one["table"]: one for one in schools.get("/v1/tables").json()["tables"]}
    assert tables["trusts"]["words"] == "One row for each school, those that have closed included."
    assert tables["trusts"]["columns"][0] == {"column": "trust_code", "cells": "text", "words": "Code of the school."}


def test_the_method_says_how_every_figure_is_made(schools: Service) -> None:
    steps = schools.get("/v1/methodology").json()["steps"]
    assert [one["title"] for one in steps] == [
        "Value", "Comparators", "Benchmarks", "Gap", "Worth", "Standing", "Uncertainty"
    ]  # fmt: skip
    assert steps[1]["words"].startswith("Other schools with a plausible value, never the school itself")


def test_the_method_says_what_overlaps(samples: Service) -> None:
    groups = {one["overlap_group"]: one for one in samples.get("/v1/methodology").json()["overlap_groups"]}
    assert groups["beds"]["title"] == "Beds"
    # One of two groups names the other: that is enough for both.
    for name, group in groups.items():
        assert all(name in groups[other]["overlaps"] for other in group["overlaps"])
    assert "staffing" in groups["beds"]["overlaps"]
