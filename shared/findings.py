"""Findings: what a check has to say, to the person who can mend it."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

Severity = Literal["error", "warning"]

IN_DETAIL = 200
"""How many findings a report tells in full; all are counted."""

_KEPT = 20_000  # of each severity while checking, so that no file can fill the memory with its faults
_SAMPLE = 80


class Finding(BaseModel):
    """One fault: where it stands, what is wrong, and what to do about it.

    `row` is the 1-based line of the file as an editor or spreadsheet shows it, `column` the heading as
    landed, `sample` the offending text (shortened), `message` a plain sentence that ends with the remedy.
    """

    model_config = ConfigDict(frozen=True)

    severity: Severity
    rule: str
    message: str
    row: int | None = None
    column: str | None = None
    sample: str | None = None
    code: str | None = None


class Count(BaseModel):
    """How often a rule was broken."""

    model_config = ConfigDict(frozen=True)

    severity: Severity
    rule: str
    number: int


class Report(NamedTuple):
    """What was found in one file: at most `IN_DETAIL` findings in full, errors first, and all of them counted."""

    detail: tuple[Finding, ...]
    counts: tuple[Count, ...]

    @property
    def errors(self) -> int:
        """How many findings reject the file."""
        return sum(count.number for count in self.counts if count.severity == "error")

    @property
    def warnings(self) -> int:
        """How many findings do not."""
        return sum(count.number for count in self.counts if count.severity == "warning")


class Findings:
    """Collects what is found in one file."""

    def __init__(self, file_name: str) -> None:
        self._file = file_name
        self._counts: Counter[tuple[Severity, str]] = Counter()
        self._told: Counter[tuple[str, str | None]] = Counter()
        self._kept: dict[Severity, list[tuple[int, Finding]]] = {"error": [], "warning": []}

    @property
    def rejected(self) -> bool:
        """Whether any finding so far is an error."""
        return any(severity == "error" for severity, _ in self._counts)

    def add(
        self,
        severity: Severity,
        rule: str,
        text: str,
        *,
        row: int | None = None,
        column: str | None = None,
        sample: str | None = None,
        code: str | None = None,
    ) -> None:
        """One finding; `text` is the sentence, before which the file, row and column are put."""
        self._counts[severity, rule] += 1
        nth = self._told[rule, column]
        if nth >= IN_DETAIL or len(self._kept[severity]) >= _KEPT:
            return
        self._told[rule, column] += 1
        where = [self._file, *([f"row {row}"] if row else []), *([f"column {column!r}"] if column else [])]
        finding = Finding(
            severity=severity,
            rule=rule,
            message=f"{', '.join(where)}: {text}",
            row=row,
            column=column,
            sample=_shortened(sample),
            code=code,
        )
        self._kept[severity].append((nth, finding))

    def add_each(
        self, severity: Severity, rule: str, column: str | None, count: int, tell: Callable[[int], "FindingDetail"]
    ) -> None:
        """`count` findings of one rule in one column; `tell(n)` describes the nth and is asked for few of them."""
        told = min(count, IN_DETAIL - self._told[rule, column], _KEPT - len(self._kept[severity]))
        for nth in range(max(told, 0)):
            row, text, sample, code = tell(nth)
            self.add(severity, rule, text, row=row, column=column, sample=sample, code=code)
        if count > max(told, 0):
            self._counts[severity, rule] += count - max(told, 0)

    def report(self) -> Report:
        """All that was found. Where there is too much to tell, every rule and column gets its turn."""
        detail: list[Finding] = []
        for severity in ("error", "warning"):
            fair = sorted(self._kept[severity], key=lambda kept: (kept[0], _place(kept[1])))
            detail += sorted((finding for _, finding in fair[: IN_DETAIL - len(detail)]), key=_place)
        counts = [Count(severity=said, rule=rule, number=number) for (said, rule), number in self._counts.items()]
        return Report(tuple(detail), tuple(sorted(counts, key=lambda count: (count.severity, count.rule))))


class FindingDetail(NamedTuple):
    """The particulars of one of many findings."""

    row: int
    text: str
    sample: str | None = None
    code: str | None = None


def _place(finding: Finding) -> tuple[int, str, str]:
    return finding.row or 0, finding.column or "", finding.rule


def _shortened(sample: str | None) -> str | None:
    if sample is None or len(sample) <= _SAMPLE:
        return sample
    return f"{sample[: _SAMPLE - 1]}…"


def quoted(text: str) -> str:
    """A text in quotation marks, shortened, as it stands in a sentence."""
    return repr(_shortened(text))


def listed(names: Sequence[str], most: int = 10) -> str:
    """`a, b and 3 more`: a list that stays a sentence."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
