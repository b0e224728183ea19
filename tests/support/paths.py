"""Where tests find things."""

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
METHOD = CHECKOUT / "method"
SAMPLES = CHECKOUT / "samples" / "landing"
SCHOOLS = CHECKOUT / "samples" / "schools" / "landing"
REAL_DATA = CHECKOUT.parent / "shared" / "data"

needs_real_data = pytest.mark.skipif(
    not (REAL_DATA / "landing").is_dir(), reason="the real NHS files (../shared/data) are not on this machine"
)
