import pytest

from tests.api.published import Service


@pytest.fixture
def service() -> Service:
    """The API with the hand-made release published."""
    made = Service()
    made.publish()
    return made
