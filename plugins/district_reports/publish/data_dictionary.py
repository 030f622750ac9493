"""docs/data-dictionary.md: every sheet, column, code list, city table and commitment, from where each is declared."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from district_reports.markdown import plain, table
from district_reports.model.form import REMARK_LENGTH, TEXT_LENGTH, Column, Form, Privacy, ReferenceCodes, Sheet, Type
from district_reports.model.period import EXAMPLES
from district_reports.publish.definitions import Card, Definitions, Level
from district_reports.publish.lineage import COVERAGE, ROW_OF, Origin
from district_reports.publish.summary import Summary
from district_reports.reference.register import Register

_HEAD = """# Data dictionary

What stands in each sheet of each form, and in each city table. `make docs` writes this page from the declarations in
`plugins/district_reports/forms/`, `sql/reference/` and `sql/summaries/`: to change it, change those.

How a workbook is laid out, sent and decided is in [contract.md](contract.md); what each rule says is in
[rules.md](rules.md), in Chinese.
"""
_TYPES = {
    Type.TEXT: f"text of up to {TEXT_LENGTH} characters, unless another length is given (remarks: {REMARK_LENGTH:,})",
    Type.CODE: "one of the values that are listed",
    Type.INTEGER: "a whole number",
    Type.DECIMAL: "a number with two decimal places at most",
    Type.DATE: "a day from 2000-01-01 on, without a time of day",
    Type.YES_NO: "是 or 否",
    Type.RESIDENT_ID: "a resident identity number of 18 characters (GB 11643-1999)",
    Type.STUDENT_NO: "a student number: `G`, `J` or `L` and 18 characters",
    Type.SCHOOL_CODE: "ten digits, a school or kindergarten of the register",
}
_KEPT_AS = {
    Privacy.PUBLIC: "fact",
    Privacy.IDENTIFIER: "token",
    Privacy.PRIVATE: "identity",
}
_REMARKS = """
Numbers are not below 0, unless a rule of the form sets other bounds. The columns marked **key** tell the rows of a
sheet apart. A **fact** stands in the schema `facts` as it is. Of a **token** the schema `facts` holds a keyed hash,
and the schema `identities` the number itself. An **identity** (a name, free text about a person) stands
in `identities` only.
"""
_COLUMN_HEADER = ("Header", "Name", "Type", "Required", "Kept as", "Values and remarks")
_AREA = f"""Each table also has the columns {", ".join(f"`{name}`" for name in ROW_OF)}.
`level` is `district`, `zone` or `city`, and the area says whose figures a row holds. **Adds up**: the figures of the
districts make that of the zone and that of the city. Where a figure comes from is written as its summary declares it,
in the names of the columns above (grammar: `publish/lineage.py`); `report`, `drop`,
`first_submission` and `sheet_count` are the ledger's.

Below each table stand the cards of its columns, in Chinese and in English: what a column says, what it is made of, and
its caveats, which stand beside the figures for which they hold. How they are written is in
[add-a-city-table.md](how-to/add-a-city-table.md#the-card-of-a-column).

Each table also says how much of what is expected it rests on:
"""
_SELECTS = "../sql/summaries"
_COMMITMENT_HEADER = ("Item", "Commitment", "Name", "Measured by", "Kind", "Baseline", "Target", "Due", "Holds for")


def data_dictionary(forms: Mapping[str, Form], register: Register, folder: Path) -> str:
    """The whole page, in Markdown; `folder` holds the summaries.

    Raises:
        ReferenceDataError: a CSV file makes no sense.
        SystemFault: a summary's header makes no sense.
    """
    lines = [_HEAD, *_types(), *_calendar(forms.values())]
    for form in forms.values():
        lines += [f"## {form.title} `{form.key}`", ""]
        for sheet in form.sheets:
            lines += _sheet(sheet, register)
    lines += _reference(forms.values(), register)
    chinese, english = (Definitions(folder, register, language) for language in ("zh", "en"))
    lines += _area(english)
    for summary in chinese.tables.values():
        lines += _city_table(summary, chinese, english, forms)
    lines += _commitments(register, chinese)
    return "\n".join(lines).rstrip() + "\n"


def _types() -> Iterator[str]:
    yield "## Types\n"
    yield from table(("Type", "A cell holds"), [(f"`{kind}`", meaning) for kind, meaning in _TYPES.items()])
    yield _REMARKS


def _calendar(forms: Iterable[Form]) -> Iterator[str]:
    yield "## Forms\n"
    yield from table(
        ("Form", "Key", "Template", "A report each", "Due on day", "Locked after", "Nil return"),
        [
            (
                form.title,
                f"`{form.key}`",
                form.version,
                f"{form.period_kind} (`{EXAMPLES[form.period_kind]}`)",
                f"{form.due_day} of the month after the period",
                f"{form.lock_days} more days",
                "possible" if form.nil_allowed else "no",
            )
            for form in forms
        ],
    )
    yield ""


def _sheet(sheet: Sheet, register: Register) -> Iterator[str]:
    yield f"### {sheet.title} `{sheet.table}`\n"
    yield f"A row is {sheet.row_is}. {sheet.notes}\n"
    yield from table(_COLUMN_HEADER, [_column(column, sheet, register) for column in sheet.columns])
    yield ""


def _column(column: Column, sheet: Sheet, register: Register) -> Sequence[str]:
    required = "yes" if column.required else ""
    if column.optional_when:
        when = column.optional_when
        required = f"but for {sheet.by_name[when.column].title} {'、'.join(when.values)}"
    codes = column.codes
    listed = "、".join(register.codes(codes) if isinstance(codes, ReferenceCodes) else codes)
    source = f"(`{codes.table}.csv`)" if isinstance(codes, ReferenceCodes) else ""
    length = f"up to {column.max_length:,} characters" if column.max_length != TEXT_LENGTH else ""
    return (
        plain(column.title),
        f"`{column.name}`{' **key**' if column.key else ''}",
        f"`{column.type}`",
        required,
        _KEPT_AS[column.privacy],
        " ".join(filter(None, (plain(listed), source, length, plain(column.help)))),
    )


def _reference(forms: Iterable[Form], register: Register) -> Iterator[str]:
    lists = {
        column.codes.table
        for form in forms
        for sheet in form.sheets
        for column in sheet.columns
        if isinstance(column.codes, ReferenceCodes)
    }
    yield "## Reference data\n"
    yield "CSV files in `sql/reference/`. A row holds from `valid_from` on; `valid_to` is the first day without it.\n"
    for name in ("districts", *sorted(lists)):
        rows = register.rows(name)
        yield f"### `{name}.csv`\n"
        yield from table(list(rows[0]), [[plain(value) for value in row.values()] for row in rows])
        yield ""


def _area(definitions: Definitions) -> Iterator[str]:
    yield "## City tables\n"
    yield _AREA
    words = definitions.words("")
    yield from table(
        ("Column of coverage", "What it says", "Comes from"),
        [(f"`{name}`", plain(words.definition(name)), _origin(origin)) for name, origin in COVERAGE.items()],
    )
    yield ""


def _city_table(
    summary: Summary, chinese: Definitions, english: Definitions, forms: Mapping[str, Form]
) -> Iterator[str]:
    stands_on = forms[summary.form].title if summary.form else "all forms"
    if summary.on_city_tables:
        stands_on = "the other city tables"
    key = ", ".join(f"`{name}`" for name in summary.key)
    file = f"{summary.table}.sql"
    titles = (chinese.words(summary.table), english.words(summary.table))
    yield f"### {titles[0].title} `{summary.table}`\n"
    yield (
        f"{titles[1].title}, from {stands_on}. A row for each {key}."
        f" The head of [{file}]({_SELECTS}/{file}) says more.\n"
    )
    cards = [
        (card, english.card(summary.table, card.column))
        for card in chinese.cards(summary.table)
        if card.column not in COVERAGE
    ]
    yield from table(
        ("Column", "Chinese", "English", "Counts", "Item", "Adds up", "Comes from"),
        [_figure(told, told_too, summary) for told, told_too in cards],
    )
    yield ""
    yield from (line for told, told_too in cards if told.definition for line in _card(told, told_too))
    yield ""


def _figure(card: Card, english: Card, summary: Summary) -> Sequence[str]:
    return (
        f"`{card.column}`",
        plain(card.title),
        plain(english.title),
        plain(card.unit).strip("{}"),
        ", ".join(card.items),
        "yes" if card.level is Level.ADDS_UP else "",
        "(key)" if card.column in summary.key else _origin(card.origin),
    )


def _card(card: Card, english: Card) -> Iterator[str]:
    """What the row of the column in the table does not say."""
    made_of = " / ".join(f"`{each.column}`" for each in (card.numerator, card.denominator) if each is not None)
    by = f" By {', '.join(english.breakdown)}." if english.breakdown else ""
    yield f"- `{card.column}` **{plain(card.title)}** {plain(card.definition)} {plain(english.definition)}{by}"
    if made_of:
        yield f"  - {made_of}"
    for caveat, told_too in zip(card.caveats, english.caveats, strict=True):
        yield f"  - *注意* {plain(caveat)}。 {plain(told_too)}."


def _origin(origin: Origin | None) -> str:
    if origin is None:
        return ""
    parts: Sequence[str] = [rows.text for rows in origin] if isinstance(origin, tuple) else [origin.text]
    return " + ".join(f"`{part.replace('|', chr(92) + '|')}`" for part in parts)


def _commitments(register: Register, definitions: Definitions) -> Iterator[str]:
    yield "## The work plan's commitments\n"
    yield "The rows of `sql/reference/commitments.csv`, as `city_commitments` measures them.\n"
    yield from table(_COMMITMENT_HEADER, [_commitment(row) for row in register.rows("commitments")])
    yield ""
    for card in definitions.commitments.values():
        yield f"- `{card.column}` **{plain(card.title)}** {plain(card.definition)}"
        yield from (f"  - *注意* {plain(caveat)}。" for caveat in card.caveats)
    yield ""


def _commitment(row: Mapping[str, str]) -> Sequence[str]:
    measure = f"`{row['table_name']}`: `{row['numerator_column']}`"
    if row["denominator_column"]:
        measure += f" / `{row['denominator_column']}`"
    if row["filter"]:
        measure += f" where {row['filter'].replace(';', ', ')}"
    unit = row["unit"]
    return (
        row["item"],
        plain(row["wording"]),
        f"`{row['commitment']}`",
        measure,
        row["kind"].replace("_", " "),
        f"{row['baseline']} {unit}" if row["baseline"] else "first report" if row["baseline_kind"] != "none" else "",
        f"{row['target']} {unit}" if row["target"] else "",
        row["due"],
        row["target_levels"].replace(";", ", "),
    )
