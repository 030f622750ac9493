"""The health check of a container asks a real HTTP server, here one that says what the test wants."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from district_reports.local.airflow.probe import main

ANSWER = {"metadatabase": "healthy", "scheduler": "unhealthy", "dag_processor": "healthy", "triggerer": None}


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
        self.end_headers()
        self.wfile.write(json.dumps({name: {"status": status} for name, status in ANSWER.items()}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("part", "code"), [("api-server", 0), ("dag-processor", 0), ("scheduler", 1), ("triggerer", 1)]
)
def test_a_part_is_as_well_as_the_api_server_says(url: str, part: str, code: int) -> None:
    assert main([part, url]) == code


def test_nobody_is_well_while_the_api_server_is_away() -> None:
    # Port 1 is never served here.
    assert main(["scheduler", "http://127.0.0.1:1"]) == 1
