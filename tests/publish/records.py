"""A sound row of each sheet, by column name; a test changes what it is about."""

from datetime import date

from submitted import resident


def hardship(number: int, *, stage: str = "小学", **cells: object) -> dict:
    """The `number`-th child on 困难学生认定."""
    return {
        "resident_id": resident(number),
        "student_name": f"张小{number}",
        "student_no": f"G{resident(number)}",
        "school_code": "2102020001",
        "stage": stage,
        "grade": 5,
        "hardship_type": "最低生活保障",
        "hardship_level": "困难",
        "identified_on": date(2020, 3, 2),
        **cells,
    }


def payment(
    number: int,
    *,
    stage: str = "小学",
    programme: str = "地方资助",
    entitled: int = 500,
    paid: int | None = None,
    status: str = "已发放",
    **cells: object,
) -> dict:
    """A payment to the `number`-th child, of what it is entitled to unless said or 未发放."""
    if paid is None:
        paid = 0 if status == "未发放" else entitled
    return {
        "resident_id": resident(number),
        "student_name": f"张小{number}",
        "student_no": f"G{resident(number)}",
        "school_code": "2102020001",
        "stage": stage,
        "programme": programme,
        "entitled_amount": entitled,
        "paid_amount": paid,
        "payment_status": status,
        "paid_on": None if status == "未发放" else date(2020, 5, 6),
        **cells,
    }


def school(code: str, **cells: object) -> dict:
    """A school of the town without anything that counts, but for its classes."""
    return {
        "school_code": code,
        "school_name": "学校",
        "school_type": "小学",
        "sponsor": "公办",
        "area_type": "城区",
        "rural_boarding": False,
        "rural_small": False,
        "retained": False,
        "class_count": 10,
        "pupil_count": 400,
        "large_class_count": 0,
        "oversize_class_count": 0,
        "bandwidth_mbps": 100,
        "wireless": "无",
        "learning_space": "无",
        "dry_toilet_start": 0,
        "dry_toilet_converted": 0,
        "classroom_count": 20,
        "lit_classroom_count": 20,
        "desk_count": 400,
        "fit_desk_count": 400,
        "inspected_on": None,
        "inclusive_pupil_count": 0,
        "resource_room_count": 0,
        "football_school": False,
        "football_inspection": None,
        "counsellor_count": 0,
        **cells,
    }


def kindergarten(code: str, **cells: object) -> dict:
    """A public kindergarten of the town."""
    return {
        "school_code": code,
        "school_name": "幼儿园",
        "ownership": "公办",
        "area_type": "城区",
        "township_centre": False,
        "opened_this_year": False,
        "place_count": 120,
        "new_public_places": 0,
        "child_count": 100,
        "community_kindergarten": "否",
        "dry_toilet_start": 0,
        "dry_toilet_converted": 0,
        "football_kindergarten": False,
        **cells,
    }


def training(number: int, *, category: str = "师德师风", **cells: object) -> dict:
    """The `number`-th teacher in a course of eight hours."""
    return {
        "teacher_no": f"T{number}",
        "teacher_name": f"王老师{number}",
        "school_code": "2102020001",
        "subject": "语文",
        "training_category": category,
        "course_name": f"{category}培训",
        "training_level": "市级",
        "started_on": date(2020, 5, 6),
        "ended_on": date(2020, 5, 6),
        "hours": 8,
        "result": "合格",
        "score": None,
        **cells,
    }


def headcount(code: str, **cells: object) -> dict:
    """A school with a hundred teachers and none of any kind."""
    return {
        "school_code": code,
        "teacher_count": 100,
        "ideology_teacher_count": 0,
        "rural_teacher_count": 0,
        "dual_teacher_count": 0,
        "backbone_teacher_count": 0,
        "it_teacher_count": 0,
        "principal_count": 0,
        **cells,
    }
