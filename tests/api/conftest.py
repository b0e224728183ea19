from datetime import UTC, datetime
from typing import Any

import pytest

from infra.generate.openapi_examples import sample_answers
from tests.support.api.published import Service
from tests.support.api.whole import released
from tests.support.paths import REAL_DATA, SAMPLES, SCHOOLS


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


@pytest.fixture(scope="session")
def openapi_examples() -> dict[str, Any]:
    """Answers on the samples, as the API's description shows them, made at another moment than the committed ones."""
    return sample_answers(datetime(2028, 2, 29, 23, 59, 58, tzinfo=UTC))
