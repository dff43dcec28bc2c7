"""What a process tells whoever runs it, on a listener of its own that nobody else reaches."""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


def operations_app(registry: CollectorRegistry) -> Starlette:
    """`/metrics` in the scraper's format (OpenMetrics or Prometheus' own text), and `/healthz`."""

    async def metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"Content-Type": content_type})

    async def healthy(_: Request) -> Response:
        return JSONResponse({"state": "alive"})

    return Starlette(routes=[Route("/metrics", metrics), Route("/healthz", healthy)])
