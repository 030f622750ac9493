"""What a browser lets a page of the data docs do, where they are served: show its own styles."""

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

STYLE = Path(__file__).parent / "templates" / "offline.css"
STYLE_ATTRIBUTES = (
    "list-style-type:none;",
    "margin-bottom:0.5rem !important; margin-top:0.5rem !important;",
    "word-break:break-all;",
)
"""Those that GX's renderers write."""


@lru_cache(maxsize=1)
def content_security_policy() -> str:
    """The header: nothing runs or is loaded, and no styles but the site's own and GX's, by their hashes."""
    # Jinja leaves out the last line break of what it includes.
    style = STYLE.read_text(encoding="utf-8").removesuffix("\n")
    styles = " ".join(_hash(text) for text in (style, *STYLE_ATTRIBUTES))
    return (
        f"default-src 'none'; style-src 'unsafe-hashes' {styles}; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
