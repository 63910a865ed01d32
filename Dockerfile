# docker build -t darkroom .    How to run it is in docs/deploy.md.
FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin darkroom \
    && install --directory --owner darkroom --mode 700 /data

WORKDIR /opt/darkroom
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN pip install --no-cache-dir -c constraints.txt '.[postgres,s3]'
# Of everything else only what .dockerignore lets through.
COPY . .
# It keeps the modes of a checkout, which may be its owner's alone.
RUN chmod -R a+rX . && python -m compileall -q .

USER 10001
ENV PYTHONUNBUFFERED=1 DATA_DIR=/data WEBHOOK_LISTEN=0.0.0.0:8090
VOLUME /data
EXPOSE 8090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=120s --retries=3 \
    CMD ["python", "-m", "config.health"]
CMD ["python", "bot.py"]
