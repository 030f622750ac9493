"""Nights that are left out, releases made by hand between two nights, and runs by hand beside the night's own."""

from concurrent.futures import ThreadPoolExecutor

from district_reports.publish import publish
from district_reports.reconciliation.delivery import Told, tell_districts
from district_reports.reconciliation.reconcile import reconcile
from submitted import XIGANG, ZHONGSHAN
from worklist_city import WorklistCity

RUNS = "SELECT run_id, day::text FROM reconciliation.run ORDER BY run_id"


def test_after_three_nights_without_a_run_the_next_tells_what_became_of_all(paid_twice: WorklistCity) -> None:
    paid_twice.play("2020-07-05")
    paid_twice.aid(XIGANG, 1, 2)
    # What came and went between two runs, nobody saw.
    paid_twice.play("2020-07-06")
    paid_twice.aid(ZHONGSHAN, 1, 9)
    paid_twice.aid(XIGANG, 1, 9)
    paid_twice.play("2020-07-07")
    paid_twice.aid(ZHONGSHAN, 1, 2, 4)
    paid_twice.aid(XIGANG, 1, 2, 4)
    assert paid_twice.night("2020-07-08") == Told(2, 0)
    assert paid_twice.ask(RUNS) == [(1, "2020-07-04"), (2, "2020-07-08")]
    rows = {row["编号"]: row for row in paid_twice.rows()}
    assert {number: (row["状态"], row["已挂天数"], row["首次出现"].date().day) for number, row in rows.items()} == {
        1: ("待核对", 4, 4),
        2: ("待核对", 4, 4),
        3: ("已消除", 4, 4),
        4: ("待核对", 0, 8),
    }


def test_what_a_release_by_hand_has_seen_go_the_next_night_tells(paid_twice: WorklistCity) -> None:
    paid_twice.play("2020-07-05")
    paid_twice.aid(XIGANG, 1, 2)
    publish()
    publish()
    assert paid_twice.ask(RUNS) == [(1, "2020-07-04"), (2, "2020-07-05")], "the second saw no more than the first"
    assert paid_twice.states() == dict.fromkeys((1, 2, 3), "待核对")
    paid_twice.night()
    assert paid_twice.states() == {1: "待核对", 2: "待核对", 3: "已消除"}


def test_by_hand_beside_the_night_each_district_is_told_once(city: WorklistCity) -> None:
    city.aid(ZHONGSHAN, 1)
    city.aid(XIGANG, 1)

    def once(_: int) -> Told:
        reconcile()
        return tell_districts()

    with ThreadPoolExecutor(3) as several:
        told = list(several.map(once, range(3)))
    assert sum(each.delivered for each in told) == 2
    assert len(city.ask(RUNS)) == 3
    assert city.ask("SELECT district_code FROM reconciliation.delivered ORDER BY 1") == [(ZHONGSHAN,), (XIGANG,)]
    assert (city.states(), city.history()) == ({1: "待核对"}, [])
