"""The questions that the template saves, asked on the emulator; pandas works out the answers from the same files."""

import io
import json
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from infra.landing import LandingFile
from infra.ops.run import land
from infra.template import load, of_type
from shared import keys
from tests.system.conftest import Published

EARLIER = "e" * 32
NEAREST, BY_ATTRIBUTE = "recommended", "estate_type"
SECONDS = 60


def quoted(text: str) -> str:
    return f"'{text}'"


class Lake:
    """The lake of the emulator: the published release, and an invented earlier one beside it."""

    def __init__(self, published: Published) -> None:
        self.emulator, self.later = published.emulator, published.release_id
        self.s3, self.athena = self.emulator.client("s3"), self.emulator.client("athena")
        self.bucket = self.emulator.outputs["DataBucketName"]
        saved = of_type(load(), "AWS::Athena::NamedQuery").values()  # of which the emulator knows nothing
        self.queries = {query["Name"]: query["QueryString"] for query in saved}
        self._invent()

    def table(self, name: str, release_id: str | None = None) -> pd.DataFrame:
        folder = keys.release(release_id or self.later, f"{name}.parquet").rpartition("/")[0]
        files = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=f"{folder}/")["Contents"]
        bodies = (self.s3.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in files)
        return pd.concat([pq.read_table(io.BytesIO(body)).to_pandas() for body in bodies], ignore_index=True)

    def _invent(self) -> None:
        """An earlier release: every second trust had a larger energy opportunity, every fourth other peers, and every
        fifth the attribute of the first."""
        rows, peers, texts = (self.table(name) for name in ("opportunities", "peers", "characteristics"))
        rows.loc[rows.index[rows["opportunity_id"] == "energy_cost"][::2], "cash_upper"] += 1000.0
        peers.loc[peers.index % 4 == 0, "peer_code"] = "ZZZ"
        texts = texts.drop(columns="stands_for").sort_values(["group_id", "period_end", "trust_code"])
        of_group = texts.index[texts["group_id"] == BY_ATTRIBUTE]
        texts.loc[of_group[::5], "attribute"] = texts.loc[of_group[0], "attribute"]
        invented = {"opportunities": rows, "peers": peers.drop(columns="contributions"), "characteristics": texts}
        for name, frame in invented.items():
            body = io.BytesIO()
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), body)
            self.s3.put_object(Bucket=self.bucket, Key=keys.release(EARLIER, f"{name}.parquet"), Body=body.getvalue())

    def ask(self, name: str, *parameters: str) -> list[list[Any]]:
        """A saved query's answer, without its headings. Parameters are SQL, as Athena takes them: text is in quotes.

        The emulator fills in no parameters, so that is done here, word by word.
        """
        text = self.queries[name]
        for parameter in parameters:
            text = text.replace("?", parameter, 1)
        assert "?" not in text
        query = self.athena.start_query_execution(
            QueryString=text,
            QueryExecutionContext={"Database": self.emulator.outputs["LakeDatabaseName"]},
            WorkGroup=self.emulator.outputs["LakeWorkGroupName"],
        )["QueryExecutionId"]
        until = time.monotonic() + SECONDS
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            assert time.monotonic() < until, "the query did not end"
            time.sleep(0.05)
        assert status["State"] == "SUCCEEDED", status
        rows = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows[1:]]


@pytest.fixture(scope="module")
def lake(published: Published) -> Lake:
    return Lake(published)


def test_which_trusts_energy_opportunity_fell(lake: Lake) -> None:
    both = lake.table("opportunities").merge(
        lake.table("opportunities", EARLIER), on=["trust_code", "opportunity_id"], suffixes=("", "_was")
    )
    both = both[(both["opportunity_id"] == "energy_cost") & (both["cash_upper"] < both["cash_upper_was"])]
    fell = (both["cash_upper_was"] - both["cash_upper"]).to_numpy()
    expected = sorted(zip(-fell.round(6), both["trust_code"], strict=True))
    answer = lake.ask("energy_fell", quoted(lake.later), quoted(EARLIER))
    assert len(answer) == len(expected) > 3
    assert sorted((round(-float(row[4]), 6), row[0]) for row in answer) == expected


def test_what_is_most_often_first_by_region(lake: Lake) -> None:
    rows = lake.table("opportunities")
    trusts = lake.table("trusts")
    trusts["region"] = [dict(attributes or ()).get("region") for attributes in trusts["attributes"]]
    first = rows[rows["rank"] == 1].merge(trusts[["trust_code", "region"]], on="trust_code")
    counted = first.groupby(["region", "opportunity_id"])["cash_upper"].agg(["size", "max"]).reset_index()
    expected = {(row.region, row.opportunity_id): (row.size_, row.max_) for row in
                counted.rename(columns={"size": "size_", "max": "max_"}).itertuples()}  # fmt: skip
    asked = lake.ask("biggest_by_region", quoted(lake.later), quoted(lake.later))
    answer = {(row[0], row[1]): (int(row[2]), row[3]) for row in asked}
    assert {key: count for key, (count, _) in answer.items() if key[0]} == {
        key: count for key, (count, _) in expected.items()
    }
    for key, (_, largest) in expected.items():
        assert (largest != largest and answer[key][1] is None) or float(answer[key][1]) == pytest.approx(largest)


def test_by_which_rules_files_were_rejected(lake: Lake) -> None:
    ((_, receipt),) = land(lake.emulator, [LandingFile("general_acute_beds/2024-25/odd.csv", b"no such\nfile,1\n")])
    assert receipt["status"] == "rejected"
    names = lake.s3.list_objects_v2(Bucket=lake.bucket, Prefix="receipts/general_acute_beds/")["Contents"]
    receipts = [json.loads(lake.s3.get_object(Bucket=lake.bucket, Key=one["Key"])["Body"].read()) for one in names]
    told = [
        (finding["rule"], one["landing_key"])
        for one in receipts
        if one["status"] == "rejected"
        for finding in one["findings"]
        if finding["severity"] == "error"
    ]
    expected = {rule: (len({key for name, key in told if name == rule}), len([0 for name, _ in told if name == rule]))
                for rule, _ in told}  # fmt: skip
    answer = {row[0]: (int(row[1]), int(row[2])) for row in lake.ask("rejected", quoted("general_acute_beds"))}
    assert answer == expected != {}


def listed_peers(lake: Lake, release_id: str) -> dict[str, set[str]]:
    """The peers of each trust in the newest period, as they are listed pair by pair."""
    rows = lake.table("peers", release_id)
    rows = rows[(rows["group_id"] == NEAREST) & (rows["role"] == "peer")]
    return {code: {*own.loc[own["period_end"] == own["period_end"].max(), "peer_code"]}
            for code, own in rows.groupby("trust_code")}  # fmt: skip


def peers_alike(lake: Lake, release_id: str) -> dict[str, set[str]]:
    """The others with a trust's attribute, in the newest period in which there are any."""
    rows = lake.table("characteristics", release_id)
    found: dict[str, set[str]] = {}
    for _, of_period in sorted(rows[rows["group_id"] == BY_ATTRIBUTE].groupby("period_end")):
        texts = dict(zip(of_period["trust_code"], of_period["attribute"], strict=True))
        for code, text in texts.items():
            if others := {other for other in texts if texts[other] == text} - {code}:
                found[code] = others
    return found


@pytest.mark.parametrize(("group", "peers"), [(NEAREST, listed_peers), (BY_ATTRIBUTE, peers_alike)])
def test_which_peers_joined_and_left(lake: Lake, group: str, peers: Callable[[Lake, str], dict[str, set[str]]]) -> None:
    now, then = peers(lake, lake.later), peers(lake, EARLIER)
    joined = {(code, "joined", peer) for code, own in now.items() for peer in own - then.get(code, set())}
    left = {(code, "left", peer) for code, own in then.items() for peer in own - now.get(code, set())}
    asked = lake.ask("peers_moved", *map(quoted, (group, lake.later, lake.later, EARLIER, EARLIER)))
    assert [tuple(row[:3]) for row in asked] == sorted(joined | left)
    assert min(len({code for code, *_ in moved}) for moved in (joined, left)) > 10


def test_which_metrics_are_missing_most(lake: Lake) -> None:
    rows = lake.table("metrics")
    missing = (
        rows.assign(missing=rows["status"] != "ok").groupby(["metric_id", "period_end"])["missing"].agg(["size", "sum"])
    )
    expected = {(metric, str(end)): (int(row["size"]), int(row["sum"])) for (metric, end), row in missing.iterrows()}
    answer = lake.ask("missing", quoted(lake.later))
    assert {(row[0], row[1][:10]): (int(row[2]), int(row[3])) for row in answer} == expected
    counts = [int(row[3]) for row in answer]
    assert counts == sorted(counts, reverse=True)


def test_column_named_like_a_word_of_sql_is_asked_for_in_quotes(lake: Lake) -> None:
    lake.queries["quoted"] = 'SELECT landing_key, "values" FROM receipts AS receipts WHERE receipts.dataset = ?'
    answer = lake.ask("quoted", quoted("trust_measures"))
    names = lake.s3.list_objects_v2(Bucket=lake.bucket, Prefix="receipts/trust_measures/")["Contents"]
    told = [json.loads(lake.s3.get_object(Bucket=lake.bucket, Key=one["Key"])["Body"].read()) for one in names]
    # The emulator takes the partition from inside the receipts, so it finds those of dry runs too.
    landed = sorted((key, int(values)) for key, values in answer if not key.startswith(keys.DRY_RUN_PREFIX))
    assert landed == sorted((receipt["landing_key"], receipt["values"]) for receipt in told)


def test_receipt_of_a_file_whose_name_begins_with_an_underscore_is_not_seen(lake: Lake) -> None:
    """Documented, so that nobody takes Athena's counts for all there is."""
    lake.queries["landed"] = "SELECT landing_key FROM receipts AS receipts WHERE receipts.dataset = ?"
    before = lake.ask("landed", quoted("peer_lists"))
    file = LandingFile("peer_lists/2020/_hidden.csv", b"no such\nfile,1\n")
    ((_, receipt),) = land(lake.emulator, [file])
    assert receipt["status"] == "rejected"
    assert lake.ask("landed", quoted("peer_lists")) == before
