"""README's example is what the API answers on the samples."""

import re

from tests.support.api.published import Service
from tests.support.paths import CHECKOUT

EXAMPLE = r"""^\$ curl -s "\$API(\S+)" \| jq -r '\.receipt\.steps\[\]\.words'\n(.*?)^```$"""


def test_example_is_the_answer(samples: Service) -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    ((path, lines),) = re.findall(EXAMPLE, text, re.MULTILINE | re.DOTALL)
    steps = samples.get(path).json()["receipt"]["steps"]
    assert [step["words"] for step in steps] == lines.splitlines()
