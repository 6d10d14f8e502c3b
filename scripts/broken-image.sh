#!/bin/sh
# Build an image whose backend answers every request, the health check too, with 500: broken-image.sh NAME:TAG FROM
# For the drill bad_update: what is deployed must never get healthy.
set -eu
docker build --quiet --tag "$1" - <<DOCKERFILE
FROM $2
ENTRYPOINT ["python3.11", "-c", "import http.server as h; H = type('H', (h.BaseHTTPRequestHandler,), {'do_GET': lambda s: s.send_error(500)}); h.HTTPServer(('', 8000), H).serve_forever()"]
DOCKERFILE
