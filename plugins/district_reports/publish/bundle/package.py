"""``datapackage.json``: the bundle as a Frictionless Data Package (https://specs.frictionlessdata.io/data-package/)."""

import json
from collections.abc import Sequence

from district_reports import __version__, clock
from district_reports.forms import forms
from district_reports.publish.bundle.content import Content
from district_reports.publish.bundle.table_file import Resource
from district_reports.reference.bureau import names
from district_reports.settings import settings

PATH = "datapackage.json"
NAME = "district-reports"


def title(content: Content, language: str = "zh") -> str:
    return f"{names(settings().bureau)[language]} {content.version}"


def datapackage(content: Content, resources: Sequence[Resource]) -> bytes:
    """The description of the package. Under which licence it may be used is for who hands it on to say."""
    version, house = content.version, names(settings().bureau)["zh"]
    told = {table.summary.form for table in content.tables}
    described = {
        "profile": "tabular-data-package",
        "name": f"{NAME}-{version.period}-{version.version}",
        "title": title(content),
        "description": "对外发布的区县报表汇总。代码 c 表示已隐去，x 表示无数据，z 表示不适用。",
        "version": version.version,
        "period": version.period,
        "created": version.left_at.astimezone(clock.ZONE).isoformat(timespec="seconds"),
        "known_at": version.known_at.astimezone(clock.ZONE).isoformat(timespec="seconds"),
        "day": version.day.isoformat(),
        "release": version.release_id,
        "made_by": f"{NAME} {__version__}",
        "contributors": [{"title": house.bureau, "role": "publisher"}],
        "sources": [{"title": f"区县报表：{form.title}"} for key, form in forms().items() if key in told],
        "resources": [resource.described() for resource in resources],
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()
