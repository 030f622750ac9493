"""docker-compose.yaml as Compose reads it, and its secrets as .env.example says to make them."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
FILE, EXAMPLE = ROOT / "docker-compose.yaml", ROOT / ".env.example"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?(?P<complaint>[^}]*))\}")
_SECRET = re.compile(r"^# (?P<command>openssl .+)\n(?P<name>\w+)=(?P<value>.*)$", re.MULTILINE)


def raw() -> dict[str, Any]:
    """The file with its anchors resolved and its variables as they are written."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def variables() -> list[re.Match[str]]:
    """Every ``${NAME:-default}`` and ``${NAME:?complaint}`` of the file."""
    return [match for match in _VARIABLE.finditer(FILE.read_text(encoding="utf-8")) if match["name"]]


def secrets() -> dict[str, str]:
    """A value for each name of .env.example, made by the command above it."""
    return {
        match["name"]: subprocess.run(
            ["sh", "-c", match["command"]], capture_output=True, text=True, check=True
        ).stdout.replace("\n", "")
        for match in _SECRET.finditer(EXAMPLE.read_text(encoding="utf-8"))
    }


def services(given: Mapping[str, str]) -> dict[str, Any]:
    """The services with `given` variables put in, by name."""
    return _filled(raw()["services"], given)


def _filled(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, given) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, given) for each in value]
    if not isinstance(value, str):
        return value

    def put(match: re.Match[str]) -> str:
        if match["name"] is None:
            return "$"
        found = given.get(match["name"]) or match["default"]
        assert found, f"{match['name']} is not set: {match['complaint']}"
        return found

    return _VARIABLE.sub(put, value)
