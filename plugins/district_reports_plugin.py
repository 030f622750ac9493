"""What Airflow gets from District Reports: the pages, and their places in its navigation.

Every process of Airflow imports this file, so the pages themselves are imported with the first request for one.
"""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from district_reports.airflow_parts import own_code
from district_reports.pages import PREFIX


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """The pages, as an ASGI app."""
    from district_reports.pages.app import app

    await app()(scope, receive, send)


def log_ins(app: Any) -> Any:
    """The middleware around every way to log in; it begins with the first request."""

    async def begun(scope: Any, receive: Any, send: Any) -> None:
        nonlocal middleware
        if middleware is None:
            from district_reports.airflow_parts.log_ins import LogIns

            middleware = LogIns(app)
        await middleware(scope, receive, send)

    middleware = None
    return begun


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
    """Three entries of the navigation; a submission is reached from them."""

    name = "district_reports"
    listeners = [own_code]  # noqa: RUF012
    fastapi_apps = [{"app": pages, "name": "District Reports", "url_prefix": PREFIX}]  # noqa: RUF012 (as Airflow has it)
    fastapi_root_middlewares = [{"middleware": log_ins, "name": "District Reports: log-ins"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        _view("上报进度", "progress"),
        _view("数据质量", "quality"),
        _view("城市看板", "city"),
    ]
