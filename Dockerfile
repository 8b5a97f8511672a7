# syntax=docker/dockerfile:1

FROM node:22-slim AS build
WORKDIR /app
# Native packages come as ready binaries; where there is none for the platform, they are compiled.
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN npm run build \
  && npm prune --omit=dev --no-audit --no-fund \
  && rm -rf dist/bench dist/libs/testing

FROM node:22-slim
ENV NODE_ENV=production
ENV HUBBUB_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
# Not ready while draining or without its database: a load balancer should look elsewhere then.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HUBBUB_SERVER_PORT || 8080}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches it and it drains; give it longer to stop than drain.timeout_ms.
CMD ["node", "--enable-source-maps", "dist/apps/gateway/src/main.js"]
