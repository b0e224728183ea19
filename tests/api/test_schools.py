"""The sample programme of schools: landed under its own method, released by the whole flow, read through the API."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.generate.method_page import page
from infra.landing import files_of
from samples.schools.generate import COMMITTED, landing_files
from samples.written import write
from shared.method.load import judged, parse
from tests.oracles.samples.schools import COSTS, GROUPS, Schools
from tests.support.api.published import Service
from tests.support.api.texts_of import texts_of
from tests.support.paths import SCHOOLS

OTHERS_WORDS = re.compile(r"\b(NHS|trusts?|hospitals?|England|patients?|ICB)\b", re.IGNORECASE)
ADDRESS = re.compile(r"^/v1/\S+$")
"""Addresses of the API, which are the same in every programme."""


@pytest.fixture(scope="module")
def oracle() -> Schools:
    return Schools(SCHOOLS)


def get(service: Service, path: str, **query: str) -> dict[str, Any]:
    answer = service.get(path, query)
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_generating_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    write(tmp_path, landing_files())
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(COMMITTED): path.read_bytes() for path in COMMITTED.rglob("*.csv")}
    assert written == committed
    assert sum(map(len, landing_files().values())) < 40_000


def test_the_folder_brings_its_own_method_and_every_name_says_that_it_is_fictional(oracle: Schools) -> None:
    assert files_of(SCHOOLS)[0].key == "method/1/method.yaml"
    names = oracle.columns["School name"].values()
    assert len({*names}) == len(names) == 100
    assert all(name.endswith("(fictional)") for name in names)


@pytest.mark.parametrize("group", list(GROUPS))
def test_peers_are_the_nearest_of_the_phase_those_of_the_region_first(
    schools: Service, oracle: Schools, group: str
) -> None:
    farther_first = 0
    for code in oracle.codes[::9]:
        answer = get(schools, f"/v1/trusts/{code}/peers", group=group)
        expected = oracle.peers(group, code)
        assert [peer["trust_code"] for peer in answer["peers"]] == [peer for peer, _ in expected], code
        distances = [distance for _, distance in expected]
        assert [peer["distance"] for peer in answer["peers"]] == pytest.approx(distances, rel=1e-9)
        assert all(sum(one["share"] for one in peer["shares"]) == pytest.approx(1) for peer in answer["peers"])
        assert "Of the 20 nearest, those with the same region come first." in answer["explanation"]
        farther_first += distances != sorted(distances)
    assert farther_first > 5


@pytest.mark.parametrize("opportunity", list(COSTS))
def test_every_figure_is_that_of_the_oracle(schools: Service, oracle: Schools, opportunity: str) -> None:
    statuses = []
    for code, expected in oracle.figures(opportunity):
        row = get(schools, f"/v1/trusts/{code}/opportunities/{opportunity}")["opportunity"]
        assert row["status"] == expected.status, code
        statuses.append(expected.status)
        names = ("value", "benchmark_lower", "benchmark_upper", "cash_lower", "cash_upper")
        if expected.lower is None:
            continue
        assert [row[name] for name in names] == pytest.approx(expected[1:6], rel=1e-9, abs=1e-6), code
        assert (row["national_rank"], row["percentile"]) == (expected.rank, pytest.approx(expected.better_than))
    assert statuses.count("opportunity") > 50
    assert (statuses.count("no_data"), statuses.count("implausible")) == (
        (1, 1) if opportunity == "energy_cost" else (0, 0)
    )


def test_a_schools_figure_reads_as_a_school_would_say_it(schools: Service) -> None:
    row = get(schools, "/v1/trusts/FS118/opportunities/support_cost")["opportunity"]
    assert row["words"] == (
        "Support staff, 1 September 2024 to 31 August 2025: the school had £1,610 per "
        "pupil. The benchmarks from 10 other schools are £1,277 to £963.22 per pupil (modest to ambitious). Closing "
        "the gap would be worth £91,800 to £178,000."
    )
    assert row["standing"].startswith("The school's rank is 79th of 100 schools (1st is best), in the worst quarter.")


def test_a_nearer_school_of_another_region_is_explained(schools: Service, oracle: Schools) -> None:
    """Of FS118's list, the first four have its region, and the fifth is the nearest of all."""
    (first, _), *_ = oracle.peers("similar_pupils", "FS118")
    nearest = min(
        oracle.alike("Phase", "FS118"), key=lambda one: oracle.distance(GROUPS["similar_pupils"], "FS118", one)
    )
    assert oracle.columns["Region"][nearest] != oracle.columns["Region"]["FS118"] == oracle.columns["Region"][first]
    of_region = get(schools, f"/v1/trusts/FS118/peers/{first}", group="similar_pupils")
    assert (of_region["reason"], of_region["rank"], of_region["attribute"]) == ("peer", 1, "Wolds")
    assert (
        "is a peer: 1st in the list of 63, at a distance of 0.133. Both have the region “Wolds”, so it comes"
        in (of_region["explanation"])
    )
    other = get(schools, f"/v1/trusts/FS118/peers/{nearest}", group="similar_pupils")
    assert (other["reason"], other["rank"], other["other_attribute"]) == (
        "peer", 5, oracle.columns["Region"][nearest],
    )  # fmt: skip
    assert "Of the 20 nearest, those with the same region come first. It is not one of these." in other["explanation"]
    phase = get(schools, "/v1/trusts/FS118/peers/FS199", group="similar_pupils")
    assert phase["explanation"] == (
        "Old Border Dale Special School (fictional) (FS199) is not a peer, because peers must have the same phase: "
        "Little Otter Infant School (fictional) (FS118) has “Primary”, and Old Border Dale Special School (fictional) "
        "(FS199) has “Special” in 2024-25."
    )


def test_schools_are_found_by_phase_and_region(schools: Service, oracle: Schools) -> None:
    found = get(schools, "/v1/trusts", phase="Special", region="Wolds", limit="500")["trusts"]
    columns = oracle.columns
    expected = [
        code for code in oracle.codes if (columns["Phase"][code], columns["Region"][code]) == ("Special", "Wolds")
    ]
    assert [one["trust_code"] for one in found] == expected != []


def test_no_answer_speaks_of_trusts_or_of_health(schools: Service, oracle: Schools) -> None:
    one = "/v1/trusts/FS118"
    paths = [
        "/v1/programme", "/v1/opportunities", "/v1/categories", "/v1/peer-groups", "/v1/methodology", "/v1/releases",
        "/v1/releases/current", "/v1/trusts", one, f"{one}/metrics",
        *(f"{one}/peers/{other}" for other in (*oracle.codes[::7], "FS118", "FS999")),
        *(f"/v1/trusts/{code}/opportunities" for code in oracle.codes[::11]),
        *(f"/v1/trusts/{code}/opportunities/{name}" for code in ("FS118", "FS131", "FS172", "FS199") for name in COSTS),
        f"{one}/opportunities/supply_teaching", f"{one}/opportunities/energy_cost/trend",
    ]  # fmt: skip
    queries = {f"{one}/peers": [{"group": group} for group in (*GROUPS, "same_region", "national")]}
    wrong = {}
    for path in [*paths, *queries]:
        queried = queries.get(path, [{"group": "similar_pupils"}] if "/peers/" in path else [{}])
        for query in queried:
            answer = schools.get(path, query | ({"status": "all"} if path.endswith("/opportunities") else {}))
            for text in (one for one in texts_of(json.loads(answer.text)) if not ADDRESS.fullmatch(one)):
                if OTHERS_WORDS.search(text):
                    wrong[path, text] = answer.status
    assert wrong == {("/v1/releases/current", "trusts"): 200}  # the name of a table


def test_the_page_of_the_method_speaks_of_schools() -> None:
    method = judged(parse((SCHOOLS / "method" / "1" / "method.yaml").read_text("utf-8")))
    text = page(method)
    found = [line for line in text.splitlines() if OTHERS_WORDS.search(line)]
    assert found == []
    assert (
        "The 10 nearest by 5 characteristics, and 5 runners-up: the sum of 2 distances, for pupils (Pupils, Free "
        "school meals) and for needs (Autism, Learning difficulty, Physical disability), each the root of the sum of "
        "squared differences (`euclidean`), weighted; a missing value counts as the median. Only schools with the same "
        "`schools.phase` are candidates. Caps and scales are computed among these. Of the 20 nearest, those with the "
        "same region come first."
    ) in text
