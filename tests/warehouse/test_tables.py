"""Tables from forms: a fifth form without code, columns that come, and changes that would lose data."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from district_reports.database.engine import engine
from district_reports.errors import SystemFault
from district_reports.forms import forms
from district_reports.model.form import Column, Form, Privacy, Sheet, Type
from district_reports.model.period import PeriodKind
from district_reports.warehouse.evolve import ensure_tables
from district_reports.warehouse.tables import tables_of, token_column

CODE = Column(name="school_code", title="学校标识码", type=Type.SCHOOL_CODE, key=True)
GUARDS = Column(name="guard_count", title="保安数", type=Type.INTEGER)
HEAD = Column(name="head_name", title="负责人", type=Type.TEXT, privacy=Privacy.PRIVATE)


def campus_safety(*columns: Column) -> Form:
    """A fifth form."""
    return Form(
        key="campus_safety",
        title="校园安全",
        version="2020.1",
        period_kind=PeriodKind.MONTH,
        due_day=5,
        sheets=(Sheet(table="campus", title="校园", row_is="一所学校", columns=columns),),
    )


def apply(form: Form) -> list[str]:
    with engine("migrator").begin() as connection:
        return ensure_tables(connection, [form])


@pytest.mark.parametrize(
    ("name", "token"),
    [("resident_id", "resident_token"), ("student_no", "student_token"), ("passport", "passport_token")],
)
def test_names_of_tokens(name: str, token: str) -> None:
    assert token_column(name) == token


def test_no_personal_column_stands_in_the_facts() -> None:
    for tables in tables_of(forms().values()).values():
        for column in tables.sheet.columns:
            assert (column.name in tables.facts.columns) == (column.privacy is Privacy.PUBLIC)


def test_a_sheet_without_personal_columns_has_no_identities() -> None:
    assert tables_of(forms().values())["compulsory_enrolment"].identities is None


def test_a_fifth_form_needs_no_code(warehouse_url: str) -> None:
    assert apply(campus_safety(CODE, GUARDS, HEAD)) == ["created facts.campus", "created identities.campus"]
    with engine("publisher").begin() as connection:
        connection.execute(text("SELECT guard_count FROM facts.campus"))
    with engine("publisher").connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("SELECT head_name FROM identities.campus"))


def test_a_new_column_is_added_and_a_dropped_one_stays(warehouse_url: str) -> None:
    apply(campus_safety(CODE, GUARDS))
    gates = Column(name="gate_count", title="校门数", type=Type.INTEGER)
    assert apply(campus_safety(CODE, gates)) == ["added facts.campus.gate_count"]
    with engine("migrator").begin() as connection:
        connection.execute(text("SELECT guard_count, gate_count FROM facts.campus"))


def test_a_column_that_changes_its_type_is_refused(warehouse_url: str) -> None:
    apply(campus_safety(CODE, GUARDS))
    as_text = Column(name="guard_count", title="保安数", type=Type.TEXT)
    with pytest.raises(SystemFault, match=r"facts\.campus\.guard_count is BIGINT, the form says TEXT"):
        apply(campus_safety(CODE, as_text))


def test_a_column_that_becomes_personal_is_refused_while_its_values_stand(warehouse_url: str) -> None:
    public = Column(name="head_name", title="负责人", type=Type.TEXT)
    apply(campus_safety(CODE, public))
    with pytest.raises(SystemFault, match="now calls personal"):
        apply(campus_safety(CODE, HEAD))


@pytest.mark.parametrize("taken", ["period", "row_number", "ended_by"])
def test_a_column_may_not_take_a_name_of_the_warehouse(taken: str) -> None:
    with pytest.raises(SystemFault, match=taken):
        tables_of([campus_safety(CODE, Column(name=taken, title="甲", type=Type.TEXT))])


def test_two_forms_may_not_share_a_table() -> None:
    with pytest.raises(SystemFault, match="campus"):
        tables_of([campus_safety(CODE), campus_safety(CODE)])
