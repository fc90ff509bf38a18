"""`--otel`: a run as spans, received by a collector on loopback that decodes what it is sent."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

METASCRIPT = """
python_module "one" {
  source = "one.py"
  output = "output/one.txt"
}
python_module "two" {
  source  = "two.py"
  input   = python_module.one.output
  retries = 1
  backoff = "10ms"
}
"""


class Collector(ThreadingHTTPServer):
    """Keeps every span that is posted to `/v1/traces`."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.resources: set[str] = set()
        super().__init__(("127.0.0.1", 0), Receiver)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for sent in request.resource_spans:
            self.server.resources |= {f"{a.key}={a.value.string_value}" for a in sent.resource.attributes}
            self.server.spans += [span for scope in sent.scope_spans for span in scope.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        self.send_response(200 if self.path == "/v1/traces" else 404)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    (tmp_path / "main.tars").write_text(METASCRIPT)
    (tmp_path / "one.py").write_text("import os\nopen(os.environ['TARS_OUTPUT'], 'w').write('1')\n")
    (tmp_path / "two.py").write_text("raise SystemExit(3)\n")
    return tmp_path


def attributes(span: Span) -> dict[str, Any]:
    return {a.key: getattr(a.value, str(a.value.WhichOneof("value"))) for a in span.attributes}


def test_a_run_arrives_as_spans_within_one_another(
    pipeline: Path, collector: Collector, run_tarscli: Any, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    trace_id, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    monkeypatch.setitem(environment, "OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setitem(environment, "OTEL_SERVICE_NAME", "nightly")
    monkeypatch.setitem(environment, "TRACEPARENT", f"00-{trace_id}-{parent}-01")
    run_tarscli("run", "--otel", "--sandbox", "none", folder=pipeline, code=1)
    spans = collector.spans
    assert "service.name=nightly" in collector.resources
    assert {span.trace_id.hex() for span in spans} == {trace_id}
    (root,) = [span for span in spans if span.parent_span_id.hex() == parent]
    assert (root.name, attributes(root)["tars.status"]) == ("run", "failed")
    modules = {span.name: span for span in spans if span.parent_span_id == root.span_id}
    assert set(modules) == {"python_module.one", "python_module.two"}
    one, two = modules["python_module.one"], modules["python_module.two"]
    assert attributes(one)["tars.status"] == "succeeded"
    assert (attributes(two)["tars.status"], attributes(two)["tars.exit_code"]) == ("failed", 3)
    assert two.status.code == Status.STATUS_CODE_ERROR
    assert [event.name for event in two.events] == ["retry"]
    attempts = [span for span in spans if span.parent_span_id == two.span_id and span.name == "run"]
    assert [attributes(span)["tars.attempt"] for span in attempts] == [1, 2]
    for span in spans:
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        assert root.start_time_unix_nano <= span.start_time_unix_nano


def test_a_collector_that_cannot_be_reached_fails_no_run(
    pipeline: Path, run_tarscli: Any, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    monkeypatch.setitem(environment, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    (pipeline / "two.py").write_text("pass\n")
    done = run_tarscli("run", "--otel", "--sandbox", "none", folder=pipeline)
    assert "could not be sent to http://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_extra_one_line_says_how_to_get_it(pipeline: Path) -> None:
    """An interpreter that finds no OpenTelemetry, as without the extra."""
    start = "import sys; sys.modules['opentelemetry'] = None; from tars.ui.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", start, "run", "--otel"], cwd=pipeline, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "pip install 'tars-agents[otel]'" in done.stderr
    assert "Traceback" not in done.stderr
