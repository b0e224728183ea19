"""Reports: few told, all counted, everything gets its turn."""

from shared.findings import IN_DETAIL, FindingDetail, Findings, listed


def test_findings_say_where():
    findings = Findings("a.csv")
    findings.add("error", "range", "is too much; correct it.", row=3, column="Cost (£)", sample="x" * 200, code="RAA")
    (finding,) = findings.report().detail
    assert finding.message == "a.csv, row 3, column 'Cost (£)': is too much; correct it."
    assert finding.sample == "x" * 79 + "…"
    assert (finding.row, finding.column, finding.code, finding.severity, finding.rule) == (
        3,
        "Cost (£)",
        "RAA",
        "error",
        "range",
    )


def test_a_report_counts_by_rule_and_severity():
    findings = Findings("a.csv")
    findings.add("warning", "b", ".")
    findings.add_each("error", "a", "c", 3, lambda nth: FindingDetail(nth, "."))
    findings.add("error", "b", ".")
    report = findings.report()
    assert [(count.severity, count.rule, count.number) for count in report.counts] == [
        ("error", "a", 3),
        ("error", "b", 1),
        ("warning", "b", 1),
    ]
    assert (report.errors, report.warnings) == (4, 1)
    assert [finding.severity for finding in report.detail] == ["error"] * 4 + ["warning"]


def test_many_findings_of_one_kind_leave_room_for_the_others():
    findings = Findings("a.csv")
    asked = []
    findings.add_each("error", "a", "c", 100_000, lambda nth: asked.append(nth) or FindingDetail(nth + 1, "."))
    findings.add_each("error", "a", "d", 150, lambda nth: FindingDetail(nth + 1, "."))
    findings.add("error", "z", ".", row=9)
    findings.add("warning", "w", ".", row=1)
    report = findings.report()
    assert len(asked) == IN_DETAIL
    assert len(report.detail) == IN_DETAIL
    assert report.errors == 100_151
    told = [(finding.rule, finding.column) for finding in report.detail]
    assert told.count(("z", None)) == 1
    assert 99 <= told.count(("a", "c")) <= 100
    assert 99 <= told.count(("a", "d")) <= 100
    assert [finding.row for finding in report.detail] == sorted(finding.row for finding in report.detail)


def test_rejection_is_known_while_checking():
    findings = Findings("a.csv")
    findings.add("warning", "w", ".")
    assert not findings.rejected
    findings.add_each("error", "a", None, 0, lambda nth: FindingDetail(1, "."))
    assert not findings.rejected
    findings.add("error", "e", ".")
    assert findings.rejected


def test_long_lists_stay_sentences():
    assert listed(["a", "b"]) == "a, b"
    assert listed([*"abcdef"], 3) == "a, b, c and 3 more"
