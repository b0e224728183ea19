"""What all tests share: openpyxl without lxml, and Hypothesis profiles (the same examples every time in `make test`,
many fresh ones by night)."""

import os

from hypothesis import HealthCheck, settings

import shared.excel  # noqa: F401 - before any test module imports openpyxl, which decides once whether it uses lxml

settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("default"), derandomize=False, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
