"""The real files that peer groups read, as Facts: read plainly here, not by the code that ingests them."""

import csv
import re
from collections.abc import Iterator

import pandas as pd

from shared.facts.facts import Facts
from shared.method.method import Method
from tests.support.facts_of import frame
from tests.support.paths import REAL_DATA

LANDING = REAL_DATA / "landing"


def real_facts() -> Facts:
    """Characteristics, published lists, successions and register."""
    characteristics = [
        {"code": row["Procode"], "measure": _snake(heading), "value": text or None}
        for row in csv.DictReader(_text("trust_characteristics/2019-20/nhse_trusts_2019_20.csv"))
        for heading, text in row.items()
        if heading != "Procode"
    ]
    lists = csv.DictReader(_text("peer_lists/trust_peer_finder/peers.csv"))
    successions = csv.DictReader(_text("ods_successors/2022/successors.csv"))
    register = [
        {"code": row[0], "measure": measure, "text": text}
        for row in csv.reader(_text("ods_trusts/2025/etr.csv"))
        for measure, text in (("name", row[1]), ("region", row[2]), ("closed", _iso(row[11])))
        if text
    ]
    tables = {
        "trust_characteristics": (characteristics, "2019-04-01", "2020-03-31", "2019-20"),
        "peer_lists": (
            [{"code": row["procode"], "measure": "peer", "text": row["peer"]} for row in lists], None, None,
            "trust_peer_finder",
        ),
        "ods_successors": (
            [
                {"code": row["old_code"], "measure": "successor", "text": row["new_code"],
                 "period_start": row["date"], "period_end": row["date"]}
                for row in successions
            ], None, None, "2022",
        ),
        "ods_trusts": (register, "2025-01-01", "2025-12-31", "2025"),
    }  # fmt: skip
    return Facts(
        {
            dataset: frame(
                pd.DataFrame(rows),
                {"period_start": start, "period_end": end, "period": label} if start else {"period": label},
            )
            for dataset, (rows, start, end, label) in tables.items()
        }
    )


def _text(path: str) -> Iterator[str]:
    yield from (LANDING / path).read_text("utf-8-sig").splitlines()


def _snake(heading: str) -> str:
    return "student_staff" if heading == "StudentStaff" else re.sub(r"\W+", "_", heading).strip("_").lower()


def _iso(day: str) -> str:
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day else ""


def with_published_peers(method: Method) -> Method:
    """A method that shows the published lists where an opportunity is compared with all trusts or with a target: these
    lists are read by an oracle too."""
    programme = method.programme.model_copy(update={"peer_group": "trust_peer_finder"})
    return method.model_copy(update={"programme": programme})
