"""No list, note or notice of a district holds a name, an ID, a school, an amount or a date of another's: all pairs."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from publish.records import hardship, payment, school
from submitted import report, resident, submit
from worklist_city import SEMESTER, WorklistCity

NAMES = "赑鼋鬯麤龘犇猋骉羴鱻毳淼焱"
SHARED = resident(1)
"""One ID that every district has, and so every list holds."""


def secrets(place: int) -> dict[str, object]:
    """What only the district in this place of the register has."""
    return {
        "name": f"欧阳{NAMES[place]}",
        "other_name": f"司徒{NAMES[place]}",
        "own_id": resident(500 + place),
        "school": f"22190{place:02d}777",
        # So long that none stands in a checksum, a time or another's number by chance.
        "amount": Decimal(f"{7_340_003 + 90_001 * place}.{31 + 2 * place}"),
        "other_amount": Decimal(f"{8_340_011 + 80_021 * place}.{61 + 2 * place}"),
        "pupils": 601_234_567 + 1_013_017 * place,
        "discovered_on": date(2020, 3, 1) + timedelta(days=place),
    }


def told(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def send_all(city: WorklistCity) -> None:
    """Every district pays the shared child, lists it as dropped out, and gives its number to a child of its own."""
    for place, district in enumerate(city.folders):
        own = secrets(place)
        name, other, code = own["name"], own["other_name"], own["school"]
        number = {"student_no": "G210202201001010009X"}
        paid = [
            payment(1, student_name=name, school_code=code, entitled=own["amount"], paid_on=date(2020, 6, 30)),
            payment(500 + place, student_name=other, school_code=code, entitled=own["other_amount"], **number),
        ]
        listed = [hardship(1, student_name=name, school_code=code)]
        aid = report(
            "student_aid", {"hardship_student": listed, "aid_payment": paid}, district=district, period=SEMESTER
        )
        submit(city.loader, f"aid {district}", aid)
        case = {
            "resident_id": SHARED,
            "student_name": name,
            "school_code": code,
            "sex": "男",
            "grade": 5,
            "household_place": "幸福路",
            "registered_poor": False,
            "discovered_on": own["discovered_on"],
            "dropout_kind": "疑似辍学",
            "reason": "厌学",
            "case_officer": "李老师",
            "persuasion_count": 1,
            "case_status": "劝返中",
        }
        enrolled = {"school_code": code, "expected_enrolment": own["pupils"], "actual_enrolment": own["pupils"]}
        ledger = report(
            "dropout_control",
            {"dropout_case": [case], "compulsory_enrolment": [enrolled]},
            district=district,
            period="2020-06",
        )
        submit(city.loader, f"ledger {district}", ledger)
        facilities = {"school_facility": [school(str(code), pupil_count=77)], "kindergarten_facility": []}
        submit(
            city.loader, f"facilities {district}", report("facilities", facilities, district=district, period="2020-Q2")
        )


def contents(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below the folder, and every part of a workbook, as text."""
    for path in folder.rglob("*"):
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
                for part in package.namelist():
                    yield f"{path.name}/{part}", package.read(part).decode()
        elif path.is_file():
            yield path.name, path.read_bytes().decode()


def test_of_all_pairs_none_sees_the_other(city: WorklistCity) -> None:
    send_all(city)
    city.night()
    for district in city.folders:
        city.send(
            city.filled_in({row["编号"]: f"本单位{district}已核实" for row in city.rows(district)}, district), district
        )
    city.night("2020-07-05")

    codes = list(city.folders)
    assert len(codes) == 13
    rules = {row["规则"][:3] for row in city.rows(codes[0])}
    assert rules == {"X01", "X02", "X03", "X05", "X06", "X08"}
    assert {row["状态"] for row in city.rows(codes[0])} == {"已说明"}
    found = {code: list(contents(city.folders[code].place.path)) for code in codes}
    for place, owner in enumerate(codes):
        words = {what: told(value) for what, value in secrets(place).items()} | {"said": f"本单位{owner}已核实"}
        own = "".join(content for _, content in found[owner])
        # No rule tells an amount of the children with one number.
        assert [what for what, word in words.items() if word not in own] == ["other_amount"]
        for other in codes:
            if other != owner:
                seen = [
                    (name, what) for name, content in found[other] for what, word in words.items() if word in content
                ]
                assert seen == [], f"{other} sees of {owner}"
