"""What peers knows of a snapshot's datasets, kept in the data bucket: unchanged files are not read again."""

from collections.abc import Sequence
from itertools import batched
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.datasets.extended import extended, extensible
from functions.peers.datasets.known import Known, KnownFacts, as_frame, from_tables, to_tables
from functions.peers.datasets.make import KNOWN_BUILD, known, needed
from shared import keys, tables
from shared.aws import bundle
from shared.aws.store import Store
from shared.content import content_id
from shared.landing.parts import SlotFile
from shared.landing.snapshot import Snapshot
from shared.method.contracts import Dataset
from shared.method.method import Method
from shared.method.prices import PRICES

_TEXTS = ("code", "unit", "measure", "text", "state")
_STATES = ("value", "missing", "suppressed", "not_applicable")
_AT_ONCE = 32
"""How many files are in memory as bytes."""


def known_facts(data: Store, snapshot: Snapshot, method: Method, *, keep: bool = True) -> KnownFacts:
    """What there is to know of a snapshot's files. What is not kept yet is made from the files, and kept if `keep`.

    Landed prices are not about organisations, and are no facts.
    """
    files: dict[str, list[SlotFile]] = {}
    for file in snapshot.files:
        if file.dataset != PRICES:
            files.setdefault(file.dataset, []).append(file)
    wanted = needed(method)
    places = {name: _place(method.datasets[name], own, wanted.get(name, frozenset())) for name, own in files.items()}
    found: dict[str, Known] = {}
    for (name, place), stored in zip(places.items(), data.find_all([*places.values()]), strict=True):
        if stored is not None:
            parts = bundle.from_bytes(stored.body)
        else:
            parts = _made(data, method.datasets[name], files[name], wanted.get(name, frozenset()))
            if keep:
                data.put(place, bundle.to_bytes(parts))
        found[name] = from_tables(parts)
    return KnownFacts(found, method.datasets)


def _made(
    data: Store, contract: Dataset, files: Sequence[SlotFile], wanted: frozenset[str] | None
) -> dict[str, pa.Table]:
    """What there is to know of a dataset: from its newest labels, if that tells and the others were known."""
    *labels, newest = sorted({file.period for file in files})
    if labels and extensible(contract):
        before = [file for file in files if file.period != newest]
        stored = data.find(_place(contract, before, wanted))
        if stored is not None:
            newest_two = [file for file in files if file.period in (labels[-1], newest)]
            made = extended(bundle.from_bytes(stored.body), _read(data, newest_two), contract, wanted)
            if made is not None:
                return made
    return to_tables(known(_read(data, files), contract, wanted))


def _place(contract: Dataset, files: Sequence[SlotFile], wanted: frozenset[str] | None) -> str:
    """The key of a dataset, by the content of all that it is known from."""
    of_files = [[file.period, file.file_id] for file in files]
    measures = None if wanted is None else sorted(wanted)
    return keys.known(content_id([KNOWN_BUILD, contract.model_dump_json(), of_files, measures]))


def _read(data: Store, files: Sequence[SlotFile]) -> pd.DataFrame:
    """The long table of some files, in their order, with the label as a column `period`."""
    parts = []
    for some in batched(files, _AT_ONCE, strict=False):
        bodies = data.get_all([keys.curated(file.file_id) for file in some])
        for file, stored in zip(some, bodies, strict=True):
            table = tables.from_bytes(stored.body, numbered=_TEXTS).replace_schema_metadata(None)
            parts.append(table.append_column("period", _repeated(file.period, table.num_rows)))
    frame = as_frame(pa.concat_tables(parts))
    states = frame["state"].cat
    return frame.assign(state=states.add_categories([one for one in _STATES if one not in states.categories]))


def _repeated(text: str, rows: int) -> Any:
    return pa.DictionaryArray.from_arrays(np.zeros(rows, dtype=np.int32), pa.array([text]))
