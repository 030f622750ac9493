"""docker-compose.yaml as Compose reads it, and its secrets as .env.example says to make them."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FILE, EXAMPLE = ROOT / "docker-compose.yaml", ROOT / ".env.example"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")
_COMMAND = re.compile(r"^# ((?:mkdir|for|openssl|chmod) .+)$", re.MULTILINE)


def raw() -> dict[str, Any]:
    """The file with its anchors resolved and its variables as they are written."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def variables() -> dict[str, str]:
    """The default of every ``${NAME:-default}`` of the file, by name."""
    return {match["name"]: match["default"] for match in _VARIABLE.finditer(FILE.read_text("utf-8")) if match["name"]}


def make_secrets(folder: Path) -> Path:
    """The files that the commands of .env.example make, run in `folder`; where they are."""
    commands = "\n".join(_COMMAND.findall(EXAMPLE.read_text("utf-8")))
    subprocess.run(["sh", "-e", "-c", commands], cwd=folder, check=True)
    return folder / "secrets"


def services() -> dict[str, Any]:
    """The services with every variable at its default, by name."""
    return _filled(raw()["services"])


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each) for each in value]
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(lambda match: match["default"] if match["name"] else "$", value)
