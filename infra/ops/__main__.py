"""`python -m infra.ops` is the command `headroom`."""

import sys

from infra.ops.cli import main

sys.exit(main())
