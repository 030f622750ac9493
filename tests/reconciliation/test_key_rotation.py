"""A new key of the tokens: items keep their numbers and what was said of them, and two keys' tokens are one person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from secrets import token_hex

import pytest
from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.reconciliation.reconcile import reconcile
from district_reports.settings import settings
from district_reports.warehouse.migrate import migrate
from submitted import XIGANG, ZHONGSHAN, report, resident, submit

Items = list[tuple[object, ...]]
AUTUMN, SPRING = "2019-S2", "2020-S1"
QUARTER, NEXT_QUARTER = "2020-Q1", "2020-Q2"
STATES = text(
    "SELECT item_id, rule, subject ->> 'period' AS period, spell, state"
    " FROM reconciliation.items_as_known('infinity') ORDER BY item_id"
)
SIDES = text(
    "SELECT item_id, reported_by, period FROM reconciliation.items_as_known('infinity') AS i"
    " JOIN reconciliation.side USING (item_id, run_id) WHERE rule = :rule ORDER BY reported_by, period, row_number"
)


@dataclass(frozen=True)
class Paid:
    """A row of aid: the child's number in its district's list, its name and its student number."""

    child: int
    name: str
    student_no: str | None = None

    def row(self, period: str) -> dict[str, object]:
        return {
            "student_no": self.student_no or f"G{resident(self.child)}",
            "student_name": self.name,
            "resident_id": resident(self.child),
            "programme": "义务教育生活补助",
            "paid_amount": 500,
            "paid_on": date(int(period[:4]), 5 if period.endswith("1") else 11, 4),
            "payment_status": "已发放",
        }


# Child 1 is paid in both districts (X01), 2 has another name in the other (X05, and X01), and a number of the first has
# two IDs (X06). Child 30 has the digits of a teacher's number of theirs, which is no person.
LISTS = {
    ZHONGSHAN: [Paid(1, "王一"), Paid(2, "李二"), Paid(3, "张三", "G1"), Paid(4, "赵四", "G1"), Paid(30, "周三十")],
    XIGANG: [Paid(1, "王一"), Paid(2, "李小二"), Paid(20, "陈二十"), Paid(40, "吴四十", "J1")],
}


def training(period: str) -> dict[str, list[dict[str, object]]]:
    """A teacher's number with two IDs (X09), one that looks like a child's ID, and one like a student's number."""
    started = date(2020, 3 if period == QUARTER else 6, 1)
    numbers = (("J1", resident(61), "孙老师"), ("J1", resident(62), "钱老师"), (resident(20), resident(63), "郑老师"))
    return {
        "training_record": [
            {"teacher_no": number, "resident_id": person, "teacher_name": name, "started_on": started}
            for number, person, name in numbers
        ]
    }


def send(loader: Engine, district: str, period: str, *more: Paid) -> None:
    rows = {"aid_payment": [paid.row(period) for paid in (*LISTS[district], *more)]}
    submit(loader, token_hex(8), report("student_aid", rows, district=district, period=period))


def send_training(loader: Engine, period: str) -> None:
    workbook = report("teacher_training", training(period), district=ZHONGSHAN, period=period)
    submit(loader, token_hex(8), workbook)


def explain(loader: Engine, item_id: int, district: str) -> None:
    with loader.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO reconciliation.explanation (item_id, spell, district_code, explanation, receipt_id)"
                " SELECT :item, 1, :district, '已核实', min(receipt_id) FROM ledger.receipt"
            ),
            {"item": item_id, "district": district},
        )


def found() -> Items:
    with engine("publisher").connect() as connection:
        return [tuple(row) for row in connection.execute(STATES)]


def sides(rule: str) -> list[tuple[str, str]]:
    with engine("publisher").connect() as connection:
        return [(row.reported_by, row.period) for row in connection.execute(SIDES, {"rule": rule})]


@pytest.fixture(params=["noted by migrate", "used at once"])
def rotate(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Called: a key of the next version lies among the keys."""

    def put() -> None:
        path = settings().keys / "token-v2.key"
        path.write_text(token_hex(32))
        path.chmod(0o600)
        if request.param == "noted by migrate":
            migrate()

    return put


@pytest.fixture
def before(loader: Engine) -> Items:
    """The items of the first key: each kind of identifier, one of them explained by one district."""
    for district in (ZHONGSHAN, XIGANG):
        send(loader, district, AUTUMN)
    send_training(loader, QUARTER)
    assert reconcile().run_id == 1
    explain(loader, 1, ZHONGSHAN)
    items = found()
    assert [(rule, state) for _, rule, _, _, state in items] == [
        ("X01", "部分已说明"),
        ("X01", "待核对"),
        ("X05", "待核对"),
        ("X06", "待核对"),
        ("X09", "待核对"),
    ]
    return items


def test_one_district_sends_again_under_the_new_key(loader: Engine, before: Items, rotate: Callable[[], None]) -> None:
    rotate()
    send(loader, XIGANG, AUTUMN)
    send_training(loader, QUARTER)
    with loader.connect() as connection:
        assert set(connection.scalars(text("SELECT left(resident_token, 2) FROM facts.aid_payment"))) == {"v1", "v2"}
    done = reconcile()
    assert {what for _, what in done.items} <= {"present", "moved"}
    assert found() == before


def test_the_next_semester_under_the_new_key(loader: Engine, before: Items, rotate: Callable[[], None]) -> None:
    rotate()
    for district in (ZHONGSHAN, XIGANG):
        send(loader, district, SPRING)
    send_training(loader, NEXT_QUARTER)
    reconcile()
    now = found()
    assert now[: len(before)] == before
    # Aid is asked of a semester; one ID, one number and one teacher of a school year, over both keys.
    assert [(rule, period, spell) for _, rule, period, spell, _ in now[len(before) :]] == [("X01", SPRING, 1)] * 2
    assert sides("X05") == [(ZHONGSHAN, AUTUMN), (ZHONGSHAN, SPRING), (XIGANG, AUTUMN), (XIGANG, SPRING)]
    assert sides("X06") == [(ZHONGSHAN, AUTUMN)] * 2 + [(ZHONGSHAN, SPRING)] * 2
    assert sides("X09") == [(ZHONGSHAN, QUARTER)] * 2 + [(ZHONGSHAN, NEXT_QUARTER)] * 2


def test_two_districts_of_two_keys(loader: Engine, before: Items, rotate: Callable[[], None]) -> None:
    rotate()
    # The child 3 is in Zhongshan's list of the first key; 300 in nobody's, and a name's owner is another child.
    send(loader, XIGANG, AUTUMN, Paid(3, "张三", "G7"), Paid(300, "王一", "G8"))
    reconcile()
    now = found()
    assert now[: len(before) - 2] == before[:3]
    new = [item for item in now if item not in before]
    assert [rule for _, rule, *_ in new] == ["X01"]
    with engine("publisher").connect() as connection:
        rows = connection.execute(SIDES, {"rule": "X01"}).all()
    assert [row.reported_by for row in rows if row.item_id == new[0][0]] == [ZHONGSHAN, XIGANG]


def test_the_items_of_a_person_whom_only_the_new_key_names_now(
    loader: Engine, before: Items, rotate: Callable[[], None]
) -> None:
    rotate()
    for district in (ZHONGSHAN, XIGANG):
        send(loader, district, AUTUMN)
    send_training(loader, QUARTER)
    reconcile()
    assert found() == before
