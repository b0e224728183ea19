"""Findings: the results of checks, written for the person who can correct the file."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

Severity = Literal["error", "warning"]

IN_DETAIL = 200
"""How many findings a report lists; all are counted."""

OF_EVERY_FILE = {"percent_scale": "No figure of the column is above 1; they were probably written as parts of 1."}
"""Checks that warn of the figures of any file, whatever its contract says, and why."""

_KEPT = 20_000  # of each severity while checking, so that a file with many faults cannot fill the memory
_SAMPLE = 80


class Finding(BaseModel):
    """One fault: where it is, what is wrong, and what to do about it.

    `row` is the line of the file as an editor or spreadsheet shows it, counted from 1; `column` the heading as landed;
    `sample` the text at fault (shortened); `code` the organisation; `message` a plain sentence that ends with the
    remedy.
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
    """The findings of one file: at most `IN_DETAIL` of them in `detail`, errors first, and all of them in `counts`."""

    detail: tuple[Finding, ...]
    counts: tuple[Count, ...]

    @property
    def errors(self) -> int:
        """How many findings are errors; one is enough to reject the file."""
        return sum(count.number for count in self.counts if count.severity == "error")

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(count.number for count in self.counts if count.severity == "warning")


class Findings:
    """Collects the findings of one file. `sheet`: the sheet of the workbook that is read, once it is known."""

    def __init__(self, file_name: str) -> None:
        self._file = file_name
        self.sheet = ""
        self._counts: Counter[tuple[Severity, str]] = Counter()
        self._listed: Counter[tuple[str, str | None]] = Counter()
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
        """Add a finding. Its message is the file, sheet, row and column, then `text`."""
        self._counts[severity, rule] += 1
        nth = self._listed[rule, column]
        if nth >= IN_DETAIL or len(self._kept[severity]) >= _KEPT:
            return
        self._listed[rule, column] += 1
        place = [
            self._file,
            *([f"sheet {self.sheet!r}"] if self.sheet else []),
            *([f"row {row}"] if row else []),
            *([f"column {column!r}"] if column else []),
        ]
        finding = Finding(
            severity=severity,
            rule=rule,
            message=f"{', '.join(place)}: {text}",
            row=row,
            column=column,
            sample=_shortened(sample),
            code=code,
        )
        self._kept[severity].append((nth, finding))

    def add_each(
        self, severity: Severity, rule: str, column: str | None, count: int, describe: Callable[[int], "FindingDetail"]
    ) -> None:
        """Add `count` findings of one rule in one column. `describe(n)` gives the nth; it is called only for those that
        may be listed."""
        described = max(0, min(count, IN_DETAIL - self._listed[rule, column], _KEPT - len(self._kept[severity])))
        for nth in range(described):
            row, text, sample, code = describe(nth)
            self.add(severity, rule, text, row=row, column=column, sample=sample, code=code)
        if count > described:
            self._counts[severity, rule] += count - described

    def report(self) -> Report:
        """The report. If there are too many findings to list, the first ones of every rule and column are listed."""
        detail: list[Finding] = []
        for severity in ("error", "warning"):
            in_turn = sorted(self._kept[severity], key=lambda kept: (kept[0], _position(kept[1])))
            detail += sorted((finding for _, finding in in_turn[: IN_DETAIL - len(detail)]), key=_position)
        counts = [
            Count(severity=severity, rule=rule, number=number) for (severity, rule), number in self._counts.items()
        ]
        return Report(tuple(detail), tuple(sorted(counts, key=lambda count: (count.severity, count.rule))))


class FindingDetail(NamedTuple):
    """One of many findings of the same rule and column."""

    row: int
    text: str
    sample: str | None = None
    code: str | None = None


def _position(finding: Finding) -> tuple[int, str, str]:
    return finding.row or 0, finding.column or "", finding.rule


def _shortened(sample: str | None) -> str | None:
    if sample is None or len(sample) <= _SAMPLE:
        return sample
    return f"{sample[: _SAMPLE - 1]}…"


def quoted(text: str) -> str:
    """A text in quotation marks, shortened, for use in a sentence."""
    return repr(_shortened(text))


def listed(names: Sequence[str], most: int = 10) -> str:
    """`a, b and 3 more`: names as part of a sentence, at most `most` of them."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
