"""Whether a part of Airflow is well, for a container: ``python -m district_reports.local.airflow.probe …``.

It asks the API server, which knows everyone's last heartbeat. ``airflow jobs check`` tells the same after seconds of
importing, each time.
"""

import sys

from district_reports.local.airflow.api import ApiError, health


def main(arguments: list[str]) -> int:
    """`arguments` are a part (``api-server``, ``scheduler``, …) and the API server's address; 0 if the part is well."""
    part, url = arguments
    try:
        answer = health(url)
    except ApiError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    # The API server is well if it answers and reaches its database.
    status = answer["metadatabase" if part == "api-server" else part.replace("-", "_")]["status"]
    sys.stderr.write(f"{part} is {status}\n")
    return int(status != "healthy")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
