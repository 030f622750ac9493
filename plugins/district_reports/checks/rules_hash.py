"""One hash over everything that makes a decision: a decision names the rules that made it."""

import hashlib
from functools import lru_cache
from pathlib import Path

from district_reports import __version__
from district_reports.forms import forms
from district_reports.reference.register import Register
from district_reports.settings import settings


def rules_hash(register: Register) -> str:
    """SHA-256 (hex) over forms, expectations, reference data and library version."""
    return _hash(settings().expectations, register.digest)


@lru_cache(maxsize=4)
def _hash(expectations: Path, register_digest: str) -> str:
    digest = hashlib.sha256(f"{__version__}\n{register_digest}\n".encode())
    for form in forms().values():
        digest.update(repr(form).encode())
    for path in sorted(expectations.glob("*.json")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
