"""From a template to a response: language, addresses, and what every page shows."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from district_reports import clock
from district_reports.checks.wording import cut
from district_reports.model.period import period_named
from district_reports.pages import PREFIX
from district_reports.pages.words import LANGUAGES, say
from district_reports.publish.printed import percent
from district_reports.reference.bureau import names
from district_reports.reference.english import called
from district_reports.settings import settings

ASSETS = Path(__file__).with_name("assets")
CHINESE = re.compile("[\u3400-\u9fff][\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”‘’…—]*")
"""Chinese characters, and the punctuation between them."""
_KEPT = {"face": "/city"}
"""What an address hands on to all links that lead below a path: whoever looks at a face of the city stays with it."""


@dataclass(frozen=True)
class View:
    """What a template knows of its request.

    ``root`` is the path under which the pages are mounted, without a slash at its end.
    """

    root: str
    path: str
    language: str
    query: Mapping[str, str]

    @classmethod
    def of(cls, request: Request) -> "View":
        root = request.scope.get("root_path", "")
        language = request.query_params.get("lang")
        return cls(
            root=root,
            path=request.scope["path"].removeprefix(root) or "/",
            language=language if language in LANGUAGES else LANGUAGES[0],
            query=dict(request.query_params),
        )

    def url(self, path: str, **query: object) -> str:
        """The address of a page of ours, in the language of this one; None and the empty text are left out."""
        whole = {**query, **{name: value for name, value in self.kept(path).items() if name not in query}}
        entries = {name: value for name, value in whole.items() if value not in (None, "")}
        return f"{self.root}{quote(path)}" + (f"?{urlencode(entries)}" if entries else "")

    def kept(self, path: str) -> dict[str, str]:
        """What the address of this page hands on to a link or a form that leads to `path`."""
        kept = {name: self.query[name] for name, under in _KEPT.items() if name in self.query and _lies(path, under)}
        return kept if self.language == LANGUAGES[0] else {**kept, "lang": self.language}

    def here(self, **query: object) -> str:
        """The address of this page with another query: these entries in the place of its own."""
        return self.url(self.path, **{**self.query, **query})

    def in_language(self, language: str) -> str:
        return self.here(lang=language)

    @property
    def airflow(self) -> str:
        """Where Airflow's own UI begins, without a slash at its end."""
        return self.root.removesuffix(PREFIX)


def _lies(path: str, under: str) -> bool:
    return path == under or path.startswith(f"{under}/")


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The template as a response.

    Beside `context` it has ``view``, ``viewer``, ``t``, ``url`` and ``csrf_token``; ``declared`` is what something
    declared in Chinese is called in the page's language, ``name_of`` the same for attributes, ``marked`` a text that
    quotes Chinese, ``period_of`` a period as it is said; ``played`` is the day that is played, if any.
    """
    from district_reports.pages import csrf

    view = View.of(request)
    viewer = getattr(request.state, "viewer", None)
    text = (
        _environment()
        .get_template(template)
        .render(
            view=view,
            viewer=viewer,
            t=partial(say, view.language),
            declared=partial(declared, language=view.language),
            name_of=partial(name_of, language=view.language),
            marked=partial(marked, language=view.language),
            lang_of=partial(lang_of, language=view.language),
            period_of=partial(period_of, language=view.language),
            url=view.url,
            asset=partial(asset_url, view),
            now=clock.now(),
            played=settings().today,
            csrf_field=csrf.FIELD,
            csrf_token=partial(csrf.token, request) if viewer else None,
            bare_style=bare_style(),
            icon=icon(),
            house=names(settings().bureau)[view.language],
            **context,
        )
    )
    return HTMLResponse(text, status)


def error_page(request: Request, status: int, why: str | None = None) -> HTMLResponse:
    """What went wrong and what to do, by the status or by the more exact `why`; a bare page for those not let in."""
    # As logs are stamped: on a played day, too, by the real clock.
    noted_at = datetime.now(clock.ZONE)
    return page(request, "error.html.j2", status=status, code=status, why=why or str(status), noted_at=noted_at)


def name_of(text: str | None, language: str) -> str:
    """What is declared as `text`, in `language`; in other texts, the names that they quote. For attributes."""
    told = called(text or "", language)
    return told if language == LANGUAGES[0] else CHINESE.sub(lambda run: called(run[0], language), told)


def declared(text: str | None, language: str) -> Markup:
    """:func:`name_of` for the text of a page: what has no English name is marked as Chinese."""
    return marked(name_of(text, language), language)


def marked(text: str, language: str) -> Markup:
    """`text` with what is Chinese in it marked so, unless the page is Chinese: folders go by their own names."""
    if language == LANGUAGES[0]:
        return escape(text)
    # Escaping touches no Chinese character, so what is found is the same before and after.
    return Markup(CHINESE.sub(r'<span lang="zh-CN">\g<0></span>', str(escape(text))))


def lang_of(chinese: str, language: str) -> Markup:
    """The attribute of an element that holds nothing but the name of something declared as `chinese`."""
    is_foreign = language != LANGUAGES[0] and CHINESE.search(name_of(chinese, language))
    return Markup(' lang="zh-CN"') if is_foreign else Markup("")


def period_of(period: str | None, language: str) -> str:
    """A period as it is said, 2020年二季度 or Q2 2020; a dash for none."""
    return period_named(period, language) if period else "–"


@lru_cache(maxsize=1)
def bare_style() -> Markup:
    """The inline style of error pages for those who may not load assets; the policy allows it by its hash."""
    return Markup((ASSETS / "bare.css").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def icon() -> str:
    """The bureau's sign as an address that needs no file of ours, since those who are not let in get none."""
    return f"data:image/svg+xml,{quote((ASSETS / 'bureau.svg').read_text(encoding='utf-8'))}"


def bare_style_source() -> str:
    """:func:`bare_style` as a source of the Content-Security-Policy."""
    digest = hashlib.sha256(bare_style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def asset_url(view: View, name: str) -> str:
    """The address of a file of ``assets/``, new whenever its content is."""
    return f"{view.root}/assets/{name}?v={_digest(name)}"


@lru_cache(maxsize=64)
def _digest(name: str) -> str:
    return hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("district_reports.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": lambda moment: f"{moment.astimezone(clock.ZONE):%Y-%m-%d %H:%M}",
        "percent": percent,
        "cut": _cut,
        "number": lambda value: "–" if value is None else f"{value:,}",
    }
    return environment


def _cut(text: str, length: int = 200) -> str:
    return cut(text, length)
