"""
### Decide again from the archive

By hand, after a change of the rules, the register or the program. The latest workbook of each chosen form, district and
period is taken from the archive and decided again under today's rules, as of its own moment of receipt: nothing becomes
late or locked by it. A later period that was compared with one whose rows changed is decided again too. Then a release
is published, and the log says which figures differ from the one before.

Start with **dry run**, which changes nothing: the log of `report` says which verdicts would turn, and that of each
mapped `restate` (a form and district) which findings. A district hears of it in `反馈/` only if its result is another.

Safe to run again: what is decided under today's rules already is left alone. **When `report` is red**, it names the
reports that could not be decided (an archived file is missing or damaged, a rule is broken); all others were.
"""

from airflow.sdk import DAG, Param, task

from district_reports.airflow_parts.assets import CITY_TABLES
from district_reports.airflow_parts.policy import START, defaults
from district_reports.airflow_parts.pools import INGEST_POOL, PUBLISH_POOL
from district_reports.forms import forms

PERIOD = r"all|\d{4}-(0[1-9]|1[0-2]|Q[1-4]|S[12])"
TITLES = {"all": "every form", **{form.key: f"{form.key} {form.title}" for form in forms().values()}}

with DAG(
    "restate_submissions",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    tags=["district-reports", "maintenance"],
    default_args=defaults(INGEST_POOL, retries=2, minutes=60),
    params={
        "form": Param(
            "all", type="string", enum=list(TITLES), values_display=TITLES, title="Form", description="Which report"
        ),
        "district": Param(
            "all", type="string", pattern=r"^(all|\d{6})$", title="District", description="Its code, or `all`"
        ),
        "period": Param(
            "all",
            type="string",
            pattern=f"^({PERIOD})$",
            title="Period",
            description="Such as 2020-05, 2020-Q2 or 2020-S1, or `all`",
        ),
        "dry_run": Param(
            True, type="boolean", title="Dry run", description="Say which verdicts would turn; change nothing"
        ),
        "publish": Param(
            True, type="boolean", title="Publish", description="Publish a release; otherwise the night does"
        ),
    },
):

    @task
    def plan(params=None):
        from district_reports.airflow_parts import restate_steps

        return restate_steps.plan(params)

    @task(max_active_tis_per_dag=2, map_index_template="{{ task.op_kwargs['series']['district_code'] }}")
    def restate(series, params=None):
        from district_reports.airflow_parts import restate_steps

        return restate_steps.restate(series, params["dry_run"])

    @task(pool=PUBLISH_POOL, outlets=[CITY_TABLES])
    def publish(done, params=None):
        from district_reports.airflow_parts import restate_steps

        return restate_steps.publish(list(done), params["publish"] and not params["dry_run"])

    @task(trigger_rule="none_failed")
    def report(done):
        from district_reports.airflow_parts import restate_steps

        return restate_steps.report(list(done))

    done = restate.expand(series=plan())
    publish(done) >> report(done)
