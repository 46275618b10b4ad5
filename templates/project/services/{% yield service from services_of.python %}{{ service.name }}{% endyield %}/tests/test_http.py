"""What every route has in common: problem documents, metrics, health."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import NAME


def test_the_service_says_its_name(client: TestClient) -> None:
    assert client.get("/").json() == {"service": NAME, "version": "dev"}


def test_alive_without_any_dependency(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/healthz", 405)])
def test_errors_are_problem_documents(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_a_bug_is_a_problem_document_without_details(app: FastAPI) -> None:
    @app.get("/bug")
    async def bug() -> None:
        raise RuntimeError("a secret")

    response = TestClient(app, raise_server_exceptions=False).get("/bug")
    assert response.status_code == 500
    assert response.json() == {"type": "about:blank", "title": "Internal Server Error", "status": 500}


def test_requests_are_measured_by_route_template(client: TestClient) -> None:
    client.get("/healthz")
    name = 'http_request_duration_seconds_count{method="GET",route="/healthz",status="2xx"} 1.0'
    assert name in client.get("/metrics").text


def test_unknown_paths_and_methods_add_no_series(client: TestClient) -> None:
    def series() -> int:
        return len(client.get("/metrics").text.splitlines())

    client.get("/metrics")
    client.request("BREW", "/unknown")
    before = series()
    for number in range(50):
        client.request(f"BREW{number}", f"/unknown/{number}")
    assert series() == before


def test_while_draining_not_ready_and_connections_close(app: FastAPI, client: TestClient) -> None:
    app.state.draining = True
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["detail"] == "shutting down"
    assert client.get("/healthz").headers["connection"] == "close"
