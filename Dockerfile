# The Python that the tests run on; .env.example says how to name it by its digest.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}

# Mirrors; without them the registries that pip and uv know.
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
# With FAB's log-in: LOCK=requirements-fab.lock and EXTRAS="--extra fab".
ARG LOCK=requirements.lock
ARG EXTRAS=

WORKDIR /opt/district-reports
COPY pyproject.toml requirements.lock requirements-fab.lock requirements-bootstrap.lock README.md LICENSE ./
# What pyproject.toml names, in the lock's versions and with the lock's hashes; the tools of development stay out.
RUN pip install --no-cache-dir --require-hashes -r requirements-bootstrap.lock \
    && uv pip install --system --no-cache --compile-bytecode --require-hashes -r pyproject.toml ${EXTRAS} --constraints "${LOCK}"

COPY plugins plugins
COPY dags dags
COPY expectations expectations
COPY sql sql
# Compiled here: the user of the container can't write beside the code, and each task would compile it anew.
RUN uv pip install --system --no-cache --no-deps --build-constraints requirements.lock --editable . \
    && python -m compileall -q plugins dags

# A new volume takes owner and mode from the folder that it covers. The code stays root's.
RUN useradd --uid 10001 --home-dir /var/lib/district-reports --no-create-home reports \
    && install --directory --owner=reports --group=reports --mode=0700 \
        /var/lib/district-reports /var/lib/district-reports/airflow /var/lib/district-reports/airflow/logs \
    && install --directory --owner=reports --group=reports /srv/uploads
USER reports
WORKDIR /var/lib/district-reports
CMD ["airflow", "version"]
