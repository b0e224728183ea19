from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.generate.openapi_examples import sample_answers
from infra.landing import files_of
from infra.local.stack import LocalStack
from tests.support.api.published import MemoryStore, Service
from tests.support.paths import REAL_DATA, SAMPLES, SCHOOLS
from tests.support.pipeline.programme import objects


@pytest.fixture
def service() -> Service:
    """The API with the hand-made release published."""
    made = Service()
    made.publish()
    return made


@pytest.fixture(scope="session")
def samples() -> Service:
    """The API with the release of the sample files, made by the whole flow."""
    return released(SAMPLES)


@pytest.fixture(scope="session")
def schools() -> Service:
    """The API with the release of the sample schools, under the method that is landed with them."""
    return released(SCHOOLS)


@pytest.fixture(scope="session")
def real() -> Service:
    """The API with the release of the real files."""
    return released(REAL_DATA / "landing")


def released(landing: Path) -> Service:
    store = MemoryStore()
    with LocalStack({"Build": "1"}) as stack:
        for file in files_of(landing):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        assert not stack.dead_letters()
        for prefix in ("channels/", "releases/", "tables/"):
            store.objects |= objects(stack, prefix)
    return Service(store)


@pytest.fixture(scope="session")
def openapi_examples() -> dict[str, Any]:
    """Answers on the samples, as the API's description shows them, made at another moment than the committed ones."""
    return sample_answers(datetime(2028, 2, 29, 23, 59, 58, tzinfo=UTC))
