"""What Airflow gets from District Reports: the pages, and their places in its navigation.

Every process of Airflow imports this file, so the pages themselves are imported with the first request for one.
"""

from collections.abc import Callable
from typing import Any

from airflow.plugins_manager import AirflowPlugin

from district_reports.airflow_parts import own_code
from district_reports.pages import PREFIX


def _at_first_request(made_by: Callable[[], Any]) -> Any:
    """An ASGI app that is made when somebody first asks for something."""

    async def begun(scope: Any, receive: Any, send: Any) -> None:
        nonlocal made
        if made is None:
            made = made_by()
        await made(scope, receive, send)

    made = None
    return begun


def _pages() -> Any:
    from district_reports.pages.app import app

    return app()


def way_in(app: Any) -> Any:
    """The middleware around every way to log in, and behind it the one that leads everybody to where he works."""

    def made() -> Any:
        from district_reports.airflow_parts.landing import Landing
        from district_reports.airflow_parts.log_ins import LogIns

        views = {view["url_route"]: view["href"] for view in DistrictReportsPlugin.external_views}
        return LogIns(Landing(app, PREFIX, views))

    return _at_first_request(made)


def _view(name: str, path: str) -> dict[str, Any]:
    return {
        "name": name,
        "href": f"{PREFIX}/{path}",
        "url_route": f"district-reports-{path}",
        "destination": "nav",
        # Beside Airflow's own entries; otherwise they lie under "plugins", where no officer looks.
        "nav_top_level": True,
        "icon": f"{PREFIX}/assets/{path}.svg",
        "icon_dark_mode": f"{PREFIX}/assets/{path}-dark.svg",
    }


class DistrictReportsPlugin(AirflowPlugin):
    """Five entries of the navigation; a submission is reached from them."""

    name = "district_reports"
    listeners = [own_code]  # noqa: RUF012
    fastapi_apps = [{"app": _at_first_request(_pages), "name": "District Reports", "url_prefix": PREFIX}]  # noqa: RUF012 (as Airflow has it)
    fastapi_root_middlewares = [{"middleware": way_in, "name": "District Reports: the way in"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        _view("上报进度", "progress"),
        _view("待核对", "worklist"),
        _view("数据质量", "quality"),
        _view("全市看板", "city"),
        _view("对外发布", "outgoing"),
    ]
