"""What the running deployment costs while nothing happens: ``make demo``, a minute later ``make idle``."""

import argparse
import time

from night_airflow import seconds_by_kind

from district_reports.commands.common import say


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    before, begun = seconds_by_kind(), time.monotonic()
    time.sleep(60 * minutes)
    after, seconds = seconds_by_kind(), time.monotonic() - begun
    for kind, spent in after.items():
        say(f"{kind:18}{(spent - before[kind]) / seconds:7.3f} of a core")
    say(f"{'all':18}{(sum(after.values()) - sum(before.values())) / seconds:7.3f} of a core, over {minutes:g} minutes")


if __name__ == "__main__":
    main()
