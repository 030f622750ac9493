"""Parse the DAG files as Airflow does and print what they are, as JSON. Runs in a process of its own."""

import json
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

folder = Path(sys.argv[1])
bag = DagBag(str(folder))
print(
    json.dumps(
        {
            "errors": bag.import_errors,
            "heavy": sorted({"great_expectations", "pandas", "pyarrow"} & set(sys.modules)),
            "dags": {
                dag_id: {
                    "file": Path(dag.fileloc).name,
                    "tags": sorted(dag.tags),
                    "doc": bool(dag.doc_md),
                    "schedule": repr(dag.timetable),
                    "catchup": dag.catchup,
                    "max_active_runs": dag.max_active_runs,
                    "params": {name: dag.params.get_param(name).serialize() for name in dag.params},
                    "tasks": {
                        task.task_id: {
                            "owner": task.owner,
                            "pool": task.pool,
                            "retries": task.retries,
                            "timeout": task.execution_timeout and task.execution_timeout.total_seconds(),
                            "at_once": task.max_active_tis_per_dag,
                            "outlets": [outlet.name for outlet in task.outlets],
                            "downstream": sorted(task.downstream_task_ids),
                        }
                        for task in dag.tasks
                    },
                }
                for dag_id, dag in bag.dags.items()
            },
        }
    )
)
