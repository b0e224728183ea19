"""One deployment of the whole stack onto the local AWS emulator, shared by the system tests."""

import os
import time
from collections.abc import Iterator

import pytest

from infra.landing import files_of
from infra.local.emulator import Emulator
from infra.ops.run import land, settle
from infra.template import ROOT
from tests.support.paths import SAMPLES

BUILD = 3


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """The stack, built and deployed by SAM; nothing landed yet."""
    for environment in (".venv-sam", ".venv-emulator"):
        assert (ROOT / environment).is_dir(), f"there is no {environment}; run `make test`, which sets it up"
    os.environ["BUILD"] = str(BUILD)
    with Emulator() as running:
        running.build()
        running.deploy(BUILD)
        yield running


def settled_at(emulator: Emulator, release_id: str) -> str:
    """The current release once the queues are empty and it is the one expected, or after a minute whichever it is: an
    event may still have been on its way when the queues were found empty."""
    deadline = time.monotonic() + 60
    while (found := settle(emulator)) != release_id and time.monotonic() < deadline:
        time.sleep(1)
    return found


class Published:
    """The samples landed and released: each key's receipt, the release's id, where the API is."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.receipts = dict(land(emulator, files_of(SAMPLES)))
        self.release_id = settle(emulator)
        self.api = emulator.api


@pytest.fixture(scope="session")
def published(emulator: Emulator) -> Published:
    """The emulator with the samples landed and their release published."""
    return Published(emulator)
