"""The answers that the page of one figure is made of."""

from collections.abc import Iterator
from typing import NamedTuple

from functions.api.pages.ask import Asking
from functions.api.pages.lists.nouns import nouns_of
from functions.api.schemas.figures import (
    Calculation,
    Line,
    NationalValues,
    OpportunityAnswer,
    ProgrammeAnswer,
    Trend,
    TrustAnswer,
    TrustValue,
)
from shared.formatting import SHARE
from shared.method.names import Organisation

OPPORTUNITY = "/v1/trusts/<code>/opportunities/<opportunity_id>"
_LONGEST_TITLE = 60
GAIN, AHEAD = "opportunity", "at_or_better_than_benchmark"


class Facts(NamedTuple):
    """One figure: its answer, its row and its calculation, all values of the same opportunity (`values` is the
    first page of their answer, `everyone` all of them), and its trend. `nouns`: what its organisations are called;
    `currency`: of the programme."""

    answer: OpportunityAnswer
    line: Line
    receipt: Calculation
    values: NationalValues
    everyone: tuple[TrustValue, ...]
    trend: Trend
    nouns: Organisation
    currency: str

    @property
    def code(self) -> str:
        """The code of the organisation that the figure is about."""
        return self.line.trust_code

    @property
    def name(self) -> str:
        """The organisation's name; its code if it has none."""
        return self.line.display_name or self.line.trust_code

    @property
    def unit(self) -> str:
        """The unit in which the gain is shown: that of the native expression, else the opportunity's own."""
        native = self.answer.definition.native
        return str(getattr(self.line, f"{native}_unit")) if native else self.line.unit

    @property
    def gain(self) -> tuple[float | None, float | None]:
        """The lower and the upper gain, in `unit`."""
        kind = self.answer.definition.native or "units"
        return getattr(self.line, f"{kind}_lower"), getattr(self.line, f"{kind}_upper")

    @property
    def single(self) -> bool:
        """Whether it has one benchmark instead of two."""
        known = self.line.benchmark_upper is not None
        return self.one_rule or (known and self.line.benchmark_lower == self.line.benchmark_upper)

    @property
    def one_rule(self) -> bool:
        """Whether its method has one benchmark."""
        return self.answer.definition.lower is None

    @property
    def sum_titles(self) -> tuple[str, str]:
        """What the numerator and the denominator are called; empty where that is not known, or a long formula."""
        numerator, denominator = self.answer.numerator_title or "", self.answer.denominator_title or ""
        long = max(len(numerator), len(denominator)) > _LONGEST_TITLE
        return ("", "") if long else (numerator, denominator)

    @property
    def lower_is_better(self) -> bool:
        """Whether a smaller value is better."""
        return self.line.direction == "lower_is_better"


def ask_opportunity(ask: Asking, code: str, opportunity_id: str) -> OpportunityAnswer:
    """The figure's own answer."""
    return ask.get(OpportunityAnswer, OPPORTUNITY, code=code, opportunity_id=opportunity_id)


def ask_nouns(ask: Asking, programme: ProgrammeAnswer, code: str) -> tuple[Organisation, str | None]:
    """What organisations like this one are called, and its level."""
    level = ask.get(TrustAnswer, "/v1/trusts/<code>", code=code).trust.level if programme.levels else None
    return nouns_of(programme, level), level


def facts_of(ask: Asking, answer: OpportunityAnswer) -> Facts | None:
    """The figure with everything that its page shows; None if its organisation was divided between several."""
    line, receipt = answer.opportunity, answer.receipt
    if line is None or receipt is None:
        return None
    programme = ask.get(ProgrammeAnswer, "/v1/programme")
    nouns, level = ask_nouns(ask, programme, line.trust_code)
    about = line.opportunity_id
    pages = list(_values(ask, {"level": level} if level else {}, about))
    everyone = tuple(one for page in pages for one in page.trusts)
    trend = ask.get(Trend, f"{OPPORTUNITY}/trend", code=line.trust_code, opportunity_id=about)
    return Facts(answer, line, receipt, pages[0], everyone, trend, nouns, programme.currency)


def _values(ask: Asking, query: dict[str, str], about: str) -> Iterator[NationalValues]:
    while True:
        page = ask.get(NationalValues, "/v1/opportunities/<opportunity_id>", query, opportunity_id=about)
        yield page
        if page.next_cursor is None:
            return
        query = query | {"cursor": page.next_cursor}


def in_title(unit: str) -> str | None:
    """A unit as it stands after a title; None if the ticks say it: a share has its %."""
    return None if unit == SHARE else unit
