"""The asset that says "receiving has something to do", and what watches for it in Airflow's triggerer.

Its events are hints like all others: ``receive_uploads`` also starts by the clock, for a triggerer that is gone.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.sdk import Asset, AssetWatcher
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

LOOK_SECONDS = 1.0
_SHARE_OF_TIME = 0.05


class UploadsTrigger(BaseEventTrigger):  # type: ignore[misc]  # airflow is untyped here
    """Looks into the districts' folders and the ledger about once a second; an event each time receiving is to start.

    A look runs in a thread of its own, so that a share that hangs holds up no other trigger; where it takes long, it is
    made less often, so that looking takes a twentieth of the time at most.
    """

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """By path, without arguments."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Watch for as long as the triggerer runs."""
        from district_reports.airflow_parts.steps import warehouse
        from district_reports.receiving.watch import Watch

        await asyncio.to_thread(warehouse)
        watch = Watch()
        while True:
            begun = time.monotonic()
            if await asyncio.to_thread(watch.look):
                # Names of files may name people: an event says no more than that there is something.
                yield TriggerEvent({"something": "to receive"})
            await asyncio.sleep(max(LOOK_SECONDS, (time.monotonic() - begun) / _SHARE_OF_TIME))


UPLOADS_WAITING = Asset(
    name="uploads_waiting",
    uri="x-district-reports://uploads/waiting",
    watchers=[AssetWatcher(name="districts_folders", trigger=UploadsTrigger())],
)
