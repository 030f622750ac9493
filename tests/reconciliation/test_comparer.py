"""Names are compared by a role that reads nothing else, and what it tells of them is of no use to anybody else."""

import hashlib
from itertools import permutations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from district_reports.database.engine import engine
from district_reports.database.roles import COMPARER
from submitted import XIGANG, ZHONGSHAN, case, checked, resident, submit

NAMES = ("张小一", "张晓一")
READABLE = {"identities.named_row", "quarantine.quarantined_row", "reconciliation.secret"}
FUNCTIONS = {
    "differing_names": "('resident_id', :submissions, :groups, false)",
    "quarantined_persons": "('dropout_case', :submissions, :rows, 'dropout_case', :submissions, '{}', NULL)",
    "token_twins": "()",
}


@pytest.fixture
def submissions(loader: Engine) -> list[int]:
    """Two ledgers that name one child differently; a row of the second is in quarantine."""
    ledgers = [
        checked([{**case(1), "student_name": NAMES[0]}]),
        checked(
            [{**case(1), "student_name": NAMES[1]}, case(2)],
            district=XIGANG,
            quarantined=[(9, {"resident_id": resident(1), "student_name": NAMES[0]})],
        ),
    ]
    districts = (ZHONGSHAN, XIGANG)
    return [submit(loader, code, book).submission_id for code, book in zip(districts, ledgers, strict=True)]


def asked(role: str, submissions: list[int], function: str, **more: object) -> list[dict[str, object]]:
    values = {"submissions": submissions, "groups": ["2019"] * len(submissions), "rows": [4] * len(submissions)}
    with engine(role).connect() as connection:
        statement = text(f"SELECT * FROM reconciliation.{function}{FUNCTIONS[function]}")
        return [dict(row) for row in connection.execute(statement, values | more).mappings()]


def test_it_reads_nothing_else(submissions: list[int]) -> None:
    with engine("migrator").connect() as connection:
        relations = connection.scalars(
            text(
                "SELECT format('%s.%I', relnamespace::regnamespace, relname) FROM pg_class"
                " WHERE relkind IN ('r', 'v', 'm', 'p') AND relnamespace::regnamespace::text IN (SELECT nspname"
                " FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')"
            )
        ).all()
        connection.exec_driver_sql(f"SET ROLE {COMPARER}")
        read = set()
        for relation in relations:
            with connection.begin_nested() as attempt:
                try:
                    connection.exec_driver_sql(f"SELECT * FROM {relation} LIMIT 1")
                    read.add(relation)
                except ProgrammingError:
                    attempt.rollback()
    assert len(relations) > 40
    assert read == READABLE


@pytest.mark.parametrize("relation", [*sorted(READABLE), "identities.dropout_case", "ledger.token_key"])
@pytest.mark.parametrize("role", ["publisher", "analyst", "pages"])
def test_nobody_who_asks_reads_what_it_reads(submissions: list[int], role: str, relation: str) -> None:
    for statement in (f"SELECT * FROM {relation}", f"SET ROLE {COMPARER}"):
        with engine(role).connect() as connection, pytest.raises(DBAPIError, match="permission denied"):
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("role", ["loader", "reader", "analyst", "pages"])
def test_only_the_publisher_asks(submissions: list[int], role: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        asked(role, submissions, "differing_names")


def test_no_answer_holds_a_name_or_an_id(submissions: list[int]) -> None:
    answers = {function: asked("publisher", submissions, function) for function in FUNCTIONS}
    assert len(answers["differing_names"]) == 2
    assert {row["row_number"] for row in answers["quarantined_persons"]} == {9}
    said = repr(answers)
    assert not any(word in said for word in (*NAMES, resident(1), case(2)["student_name"]))


@pytest.mark.parametrize("cell", ["student_name", "resident_id"])
def test_nobody_can_guess_what_stands_in_quarantine(submissions: list[int], cell: str) -> None:
    """Who may ask which rows hold a name could try one name after the other."""
    for given in (f'\'{{"{cell}": "{NAMES[0]}"}}\', NULL', f"'{{}}', '{cell}'"):
        statement = f"""
            SELECT * FROM reconciliation.quarantined_persons(
                'dropout_case', :submissions, :rows, 'dropout_case', :submissions, {given}
            )
        """
        with engine("publisher").connect() as connection, pytest.raises(DBAPIError, match=f"has no column {cell}"):
            connection.execute(
                text(statement.replace(': "', '\\: "')), {"submissions": submissions, "rows": [4] * len(submissions)}
            )


def test_a_mark_is_of_no_use_without_the_secret(submissions: list[int]) -> None:
    """Whoever guesses ID and names can't see whether the guess is right; with the secret it can be seen."""
    (mark,) = {row["names"] for row in asked("publisher", submissions, "differing_names")}
    with engine("migrator").connect() as connection:
        secret = bytes(connection.scalar(text("SELECT secret FROM reconciliation.secret")))
    guesses = [
        "\x1f".join(words).encode() for length in (1, 2, 3) for words in permutations((resident(1), *NAMES), length)
    ]
    assert mark not in {hashlib.sha256(guess).hexdigest() for guess in guesses}
    assert mark in {hashlib.sha256(secret + guess).hexdigest() for guess in guesses}


def test_a_mark_changes_with_a_name_alone(loader: Engine, submissions: list[int]) -> None:
    (before,) = {row["names"] for row in asked("publisher", submissions, "differing_names")}
    again = submit(loader, "again", checked([{**case(1), "student_name": NAMES[0], "persuasion_count": 2}]))
    same = [again.submission_id, submissions[1]]
    assert {row["names"] for row in asked("publisher", same, "differing_names")} == {before}
    renamed = submit(loader, "renamed", checked([{**case(1), "student_name": "张小乙"}]))
    other = [renamed.submission_id, submissions[1]]
    (after,) = {row["names"] for row in asked("publisher", other, "differing_names")}
    assert after != before
