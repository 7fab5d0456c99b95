# An image for each program: a static binary that runs as user 10001, and nothing that it could start.
#
#   docker build --target monolith --tag pangaea/monolith .
#   docker run --publish 8080:8080 --volume pangaea:/data pangaea/monolith
#
# docker-compose.yml builds all of them.

FROM golang:1.26 AS build
WORKDIR /source
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o /programs/ ./cmd/monolith ./cmd/pangaea ./cmd/split/...
# What an empty image lacks: who runs, whom to trust, and folders that are theirs. Volumes begin as these.
RUN mkdir -p /base/etc/ssl/certs /own/data /own/settings && mkdir -m 1777 /base/tmp && chmod 700 /own/* && \
	echo 'pangaea:x:10001:10001:Pangaea:/data:/none' > /base/etc/passwd && \
	cp /etc/ssl/certs/ca-certificates.crt /base/etc/ssl/certs/

FROM scratch AS base
COPY --from=build /base /
COPY --from=build --chown=10001:10001 /own /
ENV PANGAEA_DATA_DIR=/data
USER 10001:10001
WORKDIR /data

# The operator's command.
FROM base AS pangaea
COPY --from=build /programs/pangaea /
ENTRYPOINT ["/pangaea"]

# What listens is asked by its own program whether it is ready.
FROM base AS monolith
COPY --from=build /programs/monolith /
ENTRYPOINT ["/monolith"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/monolith", "ready"]
EXPOSE 8080

FROM base AS gateway
COPY --from=build /programs/gateway /
ENTRYPOINT ["/gateway"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/gateway", "ready"]
EXPOSE 8080

FROM base AS identity
COPY --from=build /programs/identity /
ENTRYPOINT ["/identity"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/identity", "ready"]
EXPOSE 8080

FROM base AS catalog
COPY --from=build /programs/catalog /
ENTRYPOINT ["/catalog"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/catalog", "ready"]
EXPOSE 8080

FROM base AS inventory
COPY --from=build /programs/inventory /
ENTRYPOINT ["/inventory"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/inventory", "ready"]
EXPOSE 8080

FROM base AS ordering
COPY --from=build /programs/ordering /
ENTRYPOINT ["/ordering"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/ordering", "ready"]
EXPOSE 8080

FROM base AS payments
COPY --from=build /programs/payments /
ENTRYPOINT ["/payments"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/payments", "ready"]
EXPOSE 8080

FROM base AS shipping
COPY --from=build /programs/shipping /
ENTRYPOINT ["/shipping"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/shipping", "ready"]
EXPOSE 8080

FROM base AS notifications
COPY --from=build /programs/notifications /
ENTRYPOINT ["/notifications"]
HEALTHCHECK --interval=5s --timeout=5s --start-period=2m --retries=3 CMD ["/notifications", "ready"]
EXPOSE 8080

# The message server of a split without another. It says itself that it asks nobody who they are.
FROM base AS messages
COPY --from=build /programs/messages /
ENV PANGAEA_NATS_ADDR=0.0.0.0:4222 PANGAEA_NATS_DIR=/data
ENTRYPOINT ["/messages"]
EXPOSE 4222
