# Edda's image. `docker build -t edda .` compiles it from this folder (some minutes); --build-arg PROGRAM=FILE puts in one that is built
# already, for Debian 12. docs/deploy.md says what it expects and offers.

FROM debian:12-slim AS program
ARG PROGRAM=
ARG REVISION=unknown
WORKDIR /source
COPY tools/lib.sh tools/packages tools/
COPY deploy/image/tools.sh deploy/image/
RUN deploy/image/tools.sh "$PROGRAM"
COPY . .
RUN deploy/image/program.sh "$PROGRAM" "$REVISION" /out/edda

FROM debian:12-slim
COPY deploy/image/libraries /tmp/libraries
RUN set -e; \
    export DEBIAN_FRONTEND=noninteractive; \
    apt-get update -q; \
    apt-get install -q -y --no-install-recommends $(grep -v '^#' /tmp/libraries); \
    rm -rf /tmp/libraries /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache /var/log/*; \
    groupadd --gid 10001 edda; \
    useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin edda; \
    rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-; \
    install -d -o 10001 -g 10001 -m 0700 /data
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Edda" \
      org.opencontainers.image.description="An order system on event sourcing and sagas" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.base.name="docker.io/library/debian:12-slim"
COPY LICENSE THIRD_PARTY_NOTICES.md /usr/share/doc/edda/
COPY --from=program /out/edda /usr/local/bin/edda
COPY deploy/image/sbom.sh /tmp/sbom.sh
RUN VERSION="$VERSION" REVISION="$REVISION" CREATED="$CREATED" /tmp/sbom.sh /usr/share/doc/edda/THIRD_PARTY_NOTICES.md >/usr/share/doc/edda/sbom.spdx.json && rm /tmp/sbom.sh

USER 10001:10001
WORKDIR /data
# The data folder is the only place it writes to: run it with --read-only.
VOLUME /data
ENV EDDA_DATA=/data
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["edda", "health"]
ENTRYPOINT ["edda"]
CMD ["serve"]
