"""The table of users: who is in it, what is refused, and that a new deployment's is never written over."""

import pytest

from district_reports.errors import ConfigurationError
from district_reports.users import FIRST, MAY, Permission, Role, Viewer, lay_out, viewers

CLERK = Viewer("zhongshan", Role.DISTRICT, "210202")


def test_a_new_table_is_laid_out_once(tmp_path):
    table = tmp_path / "home" / "users.csv"
    lay_out(table, [CLERK])
    assert viewers(table) == {"admin": FIRST, "zhongshan": CLERK}
    table.write_text("user,role,district_code\nofficer,officer,\n", encoding="utf-8")
    lay_out(table, [CLERK])
    assert list(viewers(table)) == ["officer"]


def test_a_table_saved_by_excel_is_read(tmp_path):
    table = tmp_path / "users.csv"
    table.write_bytes("\ufeffuser,role,district_code\r\n王敏,district,210202\r\n".encode())
    assert viewers(table) == {"王敏": Viewer("王敏", Role.DISTRICT, "210202")}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("user,role\nadmin,engineer\n", "the header must be user,role,district_code"),
        ("user,role,district_code\n", "is empty"),
        ("user,role,district_code\nadmin,engineer\n", "line 2: 2 values under 3 columns"),
        ("user,role,district_code\na:b,engineer,\n", "line 2: no name"),
        (
            "user,role,district_code\na,officer,\na,engineer,\n",
            "line 3: .* or a second row",
        ),
        ("user,role,district_code\na,boss,\n", "line 2: the role must be one of engineer, officer, approver, district"),
        ("user,role,district_code\na,district,\n", "line 2: a district's user has a district_code"),
        ("user,role,district_code\na,engineer,210202\n", "line 2: a district's user has a district_code"),
    ],
)
def test_what_is_refused(tmp_path, content, said):
    table = tmp_path / "users.csv"
    table.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        viewers(table)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        viewers(tmp_path / "none.csv")


def test_what_each_role_may():
    assert MAY[Role.ENGINEER] == set(Permission)
    assert not MAY[Role.OFFICER] & {Permission.SEE_VALUES, Permission.OPEN_FILES, Permission.OPERATE}
    assert MAY[Role.APPROVER] - MAY[Role.OFFICER] == {Permission.APPROVE_RELEASE}
    assert not MAY[Role.DISTRICT] & {Permission.SEE_CITY, Permission.GRANT_EXTENSIONS, Permission.OPERATE}
    assert not MAY[Role.DISTRICT] & {Permission.PREPARE_RELEASE, Permission.APPROVE_RELEASE}
    assert CLERK.sees("210202")
    assert not CLERK.sees("210203")
    assert FIRST.sees("210203")
