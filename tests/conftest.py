"""What all tests share: openpyxl without lxml, and Hypothesis profiles (the same examples every time in `make test`,
many fresh ones by night), and a sleep that works under libfaketime."""

import os
import select
import time
from functools import partial

from hypothesis import HealthCheck, settings

import shared.excel  # noqa: F401 - before any test module imports openpyxl, which decides once whether it uses lxml

if "FAKETIME" in os.environ:
    # libfaketime 0.9.10 hands the kernel a negative time where Python sleeps and the monotonic clock is left alone (its
    # issue 426). Waiting for a process with a timeout sleeps too.
    time.sleep = partial(select.select, [], [], [])

settings.register_profile("default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("default"), derandomize=False, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
