"""The template, expanded once for the tests that only look at it."""

import pytest

from infra.template import Template, expand, load


@pytest.fixture(scope="session")
def template() -> Template:
    return expand(load())
