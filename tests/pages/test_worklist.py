import pytest
from pages.cross_city import add_items, explain
from sqlalchemy import text
from district_reports.database.engine import engine
@pytest.fixture
def items(warehouse):
    add_items()
    with engine("migrator").begin() as c:
        return c.execute(text("select item_id, rule, state, districts, unexplained from reconciliation.items_as_known('infinity') order by 1")).all()

def test_x(items, client_as):
    print(items)
    r=client_as("officer").get("worklist"); print(r.status_code, len(r.text))
    open('/tmp/o.html','w').write(r.text)
    r=client_as("zhongshan").get("worklist"); print(r.status_code, len(r.text))
    open('/tmp/z.html','w').write(r.text)
    r=client_as("zhongshan").get(f"worklist/{items[0][0]}"); print(r.status_code, len(r.text))
    open('/tmp/z1.html','w').write(r.text)
    assert 0
