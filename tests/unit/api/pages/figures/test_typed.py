"""Numbers as people type them."""

import pytest

from functions.api.pages.figures.typed import Mistyped, read_number, shown, unit_label


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("7,230,810", "GBP", 7_230_810), ("£7,230,810", "GBP", 7_230_810), (" 7230810.50 ", "GBP", 7_230_810.5),
        ("7 230 810", "GBP", 7_230_810), ("-4.5", "GBP", -4.5), ("−4.5", "GBP", -4.5), (".5", "m2", 0.5),
        ("5.5", "share", 0.055), ("5.5%", "share", 0.055), ("5.5 %", "share", 0.055), ("0", "m2", 0),
    ],
)  # fmt: skip
def test_a_number_is_read(text: str, unit: str, value: float) -> None:
    assert read_number(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("£7.2m", "Write all digits: 7,200,000 instead of £7.2m."),
        ("7.2 million", "Write all digits: 7,200,000 instead of 7.2 million."),
        ("450k", "Write all digits: 450,000 instead of 450k."),
    ],
)
def test_a_short_number_is_refused_with_its_digits(text: str, remedy: str) -> None:
    with pytest.raises(Mistyped) as refused:
        read_number(text, "GBP")
    assert str(refused.value) == remedy


@pytest.mark.parametrize("text", ["many", "7.230.810", "7,23", "1e9", "nan", "inf", "5%", "1-2", "", "9" * 40, "١٢"])
def test_what_is_ambiguous_is_refused(text: str) -> None:
    with pytest.raises(Mistyped, match="such as 7,230,810"):
        read_number(text, "GBP")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (7_230_810.0, "GBP", "7,230,810"), (29_640.451230000002, "FTE day", "29,640.45"), (0.055, "share", "5.5"),
        (0.000123, "m2", "0.000123"), (None, "GBP", ""), (100.0, "GBP", "100"), (0.0, "GBP", "0"),
    ],
)  # fmt: skip
def test_a_number_in_a_field_can_be_read_back(value: float | None, unit: str, text: str) -> None:
    assert shown(value, unit) == text
    if value is not None:
        assert read_number(text, unit) == pytest.approx(value, abs=0.005)


@pytest.mark.parametrize(
    ("unit", "label"),
    [("GBP", "£"), ("m2", "m²"), ("FTE day", "FTE days"), ("share", "%"), ("GBP per m2", "£ per m²"), ("WAU", "WAU")],
)
def test_the_unit_of_a_field(unit: str, label: str) -> None:
    assert unit_label(unit) == label
