"""A verdict and a figure depend neither on the processor nor on what else is installed."""

import importlib
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from numpy._core import _multiarray_umath as numpy_core

from tests.support.conforming import HEADER, workbook
from tests.support.paths import CHECKOUT

FIGURES = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from functions.peers.nearest import nearest
from shared.facts.intervals import interval
from shared.method.peer_groups import NearestGroup
random = np.random.default_rng(5)
variables = [{"measure": f"d.{transform}", "label": "v", "transform": transform, "scale": scale, "cap": 2.5}
             for transform, scale in (("none", "range"), ("log1p", "zscore"), ("sqrt", "zscore"))]
given = {"kind": "nearest", "title": "t", "explanation": "e", "source": "s", "variables": variables, "k": 5}
peers = nearest(random.lognormal(3, 2, size=(500, 3)), NearestGroup.model_validate(given))
events = np.floor(random.lognormal(3, 2, size=20_000))
arrays = [peers.peer, peers.distance, peers.contributions]
arrays += [*interval("count", events, events + 9.0), *interval("proportion", events, events + 9.0)]
for array in arrays:
    print(np.ascontiguousarray(array).tobytes().hex())
"""

STILL_ON = """
import sys
from numpy._core import _multiarray_umath as numpy_core
print([name for name in sys.argv[2].split() if numpy_core.__cpu_features__[name]])
"""

JUDGE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[1])
if sys.argv[3] == "without":
    sys.modules["lxml"] = None
from functions.ingest.judge import judge_file
from shared.aws.store import Landed
from shared.landing.verdicts import Rules
from tests.support.conforming import SLOT, contract
for file in sorted(Path(sys.argv[2]).iterdir()):
    entry = Landed(f"{SLOT}/{file.name}", "1", datetime(2025, 1, 1, tzinfo=UTC), False)
    judged = judge_file(entry, file.read_bytes(), Rules("estates", "1", SLOT, contract()), "1")
    print(judged.receipt.model_dump_json())
"""

GOOD = workbook([HEADER.split(","), ["RAA", "One", 1200, 100, 80, 5.5]])
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
FOREIGN = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
PARTS = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml")


def python(code: str, *arguments: str, **environment: str) -> str:
    """What a Python of its own prints."""
    ran = subprocess.run(
        [sys.executable, "-c", code, str(CHECKOUT), *arguments],
        env={name: value for name, value in os.environ.items() if name != "OPENPYXL_LXML"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def with_part(name: str, change: Any) -> bytes:
    """The good workbook with one of its parts changed."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as parts, zipfile.ZipFile(sink, "w") as made:
        for part in parts.namelist():
            body = parts.read(part)
            made.writestr(part, change(body) if part == name else body)
    return sink.getvalue()


def declaring(doctype: bytes) -> Any:
    return lambda body: doctype + (body.partition(b"?>")[2] or body)


def hostile_workbooks() -> dict[str, bytes]:
    made = {"good": GOOD, "cut": GOOD[:-40]}
    for part in PARTS:
        name = part.rpartition("/")[2]
        made |= {
            f"{name} with an entity": with_part(part, declaring(DOCTYPE)),
            f"{name} with an entity bomb": with_part(part, declaring(BOMB)),
            f"{name} with a foreign entity": with_part(part, declaring(FOREIGN)),
            f"{name} cut": with_part(part, lambda body: body[: len(body) // 2]),
            f"{name} of nothing": with_part(part, lambda _: b""),
            f"{name} in UTF-16": with_part(part, lambda body: body.decode().encode("utf-16")),
            f"{name} with a comment": with_part(part, lambda body: body + b"<!-- a comment -->"),
            f"{name} with bytes that are no text": with_part(part, lambda body: body.replace(b"xml", b"\xff\xfe", 1)),
        }
    used = with_part("xl/worksheets/sheet1.xml", lambda body: DOCTYPE + body.replace(b">1200<", b">&a;<"))
    deep = b"<x>" * 300 + b"</x>" * 300
    nested = with_part("xl/styles.xml", lambda body: body.replace(b"</styleSheet>", deep + b"</styleSheet>"))
    return made | {"an entity in a cell": used, "styles that are nested": nested}


def test_workbooks_get_the_same_receipts_with_and_without_lxml(tmp_path: Path) -> None:
    importlib.import_module("lxml.etree")  # without it this would compare nothing
    for name, body in hostile_workbooks().items():
        (tmp_path / f"{name}.xlsx").write_bytes(body)
    receipts = python(JUDGE, str(tmp_path), "with")
    statuses = [json.loads(line)["status"] for line in receipts.splitlines()]
    assert {"accepted", "rejected"} == set(statuses)
    assert len(statuses) == len(hostile_workbooks())
    assert receipts == python(JUDGE, str(tmp_path), "without")


def test_figures_have_the_same_bytes_whatever_the_processor_can_do() -> None:
    features = numpy_core.__cpu_features__
    extra = " ".join(name for name in numpy_core.__cpu_dispatch__ if features[name])  # AVX2 and AVX-512 on most
    still_on = python(STILL_ON, extra, NPY_DISABLE_CPU_FEATURES=extra)
    assert still_on == "[]\n"
    assert python(FIGURES) == python(FIGURES, NPY_DISABLE_CPU_FEATURES=extra)
