# Builds with `docker build .` alone. Runs as nobody in particular, on a read-only file system; with the embedded database, /data is a volume.
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The `node` package brings the development Node; this image is that Node already.
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/bundle.js && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
