"""What tests of commitments share: a city of two districts, reports of one school each, and how a commitment stands."""

from sqlalchemy import Engine, text

from district_reports.database.engine import engine
from district_reports.warehouse.reference_tables import keep_version, standing_table
from publish.reading import CITY, figures
from publish.records import kindergarten, school
from submitted import JINPU, ZHONGSHAN, report, submit

Q1, Q2, Q3, Q4 = "2020-Q1", "2020-Q2", "2020-Q3", "2020-Q4"
BOTH = (ZHONGSHAN, JINPU)


def change(table: str, statement: str) -> None:
    """Change what stands in the warehouse, as a file that was loaded would."""
    with engine("migrator").begin() as connection:
        connection.execute(text(statement))
        standing = standing_table(connection, table)
        assert standing is not None
        keep_version(connection, standing)


def shrink_city() -> None:
    """Leave 中山区 and 金普新区, and a register that owes no row until a test adds a school."""
    change("districts", f"DELETE FROM reference.districts WHERE district_code NOT IN {BOTH}")
    change("schools", "DELETE FROM reference.schools")


def register(code: str, district: str = ZHONGSHAN, school_type: str = "小学", opened_on: str = "2000-09-01") -> None:
    """Add a school that owes a row."""
    columns = "school_code, school_name, district_code, school_type, area_type, sponsor, opened_on"
    values = (code, "学校", district, school_type, "城区", "公办", opened_on)
    change("schools", f"INSERT INTO reference.schools ({columns}) VALUES {values}")


def facilities(
    loader: Engine, *districts: str, period: str = Q2, places: int = 0, football: bool = False, **cells: object
) -> None:
    """A report of one school, and one kindergarten with so many new places, from each district."""
    for district in districts or (ZHONGSHAN,):
        sheets = {
            "school_facility": [school(f"{district}0001", **cells)],
            "kindergarten_facility": [
                kindergarten(f"{district}0002", new_public_places=places, football_kindergarten=football)
            ],
        }
        submit(loader, f"{district} {period}", report("facilities", sheets, district=district, period=period))


def told(commitment: str, names: str = "status", area: str = CITY, period: str = Q2) -> object:
    """The figure called `names` of a commitment, or those, separated by spaces."""
    found = figures("city_commitments", area, names, commitment=commitment, period=period)
    return found if " " in names else found[0]
