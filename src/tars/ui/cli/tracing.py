"""A run as OpenTelemetry spans, sent to a collector: one for the run, one for each module, one for each of its phases.

The collector is where `OTEL_EXPORTER_OTLP_ENDPOINT` says, else `http://localhost:4318`; `OTEL_EXPORTER_OTLP_HEADERS`,
`OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` count as everywhere, and `TRACEPARENT` makes the run part of a trace.
"""

import logging
import os
from collections.abc import Generator, Iterator
from time import time_ns

from tars.core.errors import UnavailableError
from tars.core.extras import install_of
from tars.runner.events import (
    Event,
    ModuleFinished,
    ModuleRetry,
    ModuleStarted,
    Notice,
    RunFinished,
    RunStarted,
    Status,
)

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExportResult
    from opentelemetry.trace import StatusCode, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError as error:
    raise UnavailableError("--otel needs OpenTelemetry, which is not installed", hint=install_of("otel")) from error

EXPORT_SECONDS_MAX = 5
_CHUNK_SPANS = 512


def traced(events: Iterator[Event]) -> Generator[Event, None, None]:
    """The events as they come; when they end, however they end, their spans are sent.

    A collector that cannot be reached is a `Notice`: a run is never failed by who watches it.
    """
    trace = _Trace()
    try:
        for event in events:
            trace.see(event)
            if isinstance(event, RunFinished):
                yield from trace.send()
            yield event
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
        for _ in trace.send():
            pass  # Nobody listens any more.


class _Ended(SpanProcessor):
    """Keeps spans that have ended."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        self.spans.append(span)


class _Trace:
    """The spans of one run, open and ended."""

    def __init__(self) -> None:
        self._ended = _Ended()
        provider = TracerProvider(
            resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "tars")})
        )
        provider.add_span_processor(self._ended)
        self._tracer = provider.get_tracer("tars")
        given = {"traceparent": os.environ.get("TRACEPARENT", "")}
        self._outside = TraceContextTextMapPropagator().extract(given)
        self._run: Span | None = None
        self._modules: dict[str, Span] = {}
        self._phases: dict[str, Span] = {}

    def see(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._run = self._open("run", None)
            self._run.set_attributes({"tars.run": event.run, "tars.modules": len(event.modules)})
        elif isinstance(event, ModuleStarted):
            self._started(event)
        elif isinstance(event, ModuleRetry):
            self._end_phase(event.address, event.error)
            self._modules[event.address].add_event("retry", {"tars.attempt": event.attempt, "tars.error": event.error})
        elif isinstance(event, ModuleFinished):
            self._finished(event)
        elif isinstance(event, RunFinished) and self._run is not None:
            self._run.set_attribute("tars.status", event.status.value)
            if event.version is not None:
                self._run.set_attribute("tars.version", f"v{event.version}")
            _end(self._run, "" if event.status in (Status.SUCCEEDED, Status.CACHED) else event.status.value)

    def send(self) -> Iterator[Notice]:
        """Sends what has ended, and ends what is open: the run was given up."""
        for span in (*self._phases.values(), *self._modules.values(), *([self._run] if self._run else [])):
            if span.is_recording():
                _end(span, "the run was given up")
        spans, self._ended.spans = self._ended.spans, []
        if not spans:
            return
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # what it would say is said below, once
        exporter = OTLPSpanExporter(timeout=EXPORT_SECONDS_MAX)
        chunks = [spans[start : start + _CHUNK_SPANS] for start in range(0, len(spans), _CHUNK_SPANS)]
        if not all(exporter.export(chunk) is SpanExportResult.SUCCESS for chunk in chunks):
            where = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or "http://localhost:4318"
            yield Notice(
                f"the trace of this run could not be sent to {where}",
                "start a collector there, or set OTEL_EXPORTER_OTLP_ENDPOINT to where one is",
            )
        exporter.shutdown()  # type: ignore[no-untyped-call]

    def _started(self, event: ModuleStarted) -> None:
        if event.address not in self._modules:
            self._modules[event.address] = self._open(event.address, self._run)
            self._modules[event.address].set_attributes({"tars.why": event.why, "tars.module": event.address})
        self._end_phase(event.address, "")
        phase = self._open(event.phase, self._modules[event.address])
        phase.set_attributes({"tars.attempt": event.attempt, "tars.sandbox": event.sandbox})
        self._phases[event.address] = phase

    def _finished(self, event: ModuleFinished) -> None:
        span = self._modules.get(event.address) or self._open(event.address, self._run)
        self._modules[event.address] = span
        span.set_attributes({"tars.module": event.address, "tars.status": event.status.value})
        record = event.record or {}
        for name in ("language", "sandbox", "exit_code", "version"):
            value = record.get(name)
            if isinstance(value, str | int):
                span.set_attribute(f"tars.{name}", value)
        self._end_phase(event.address, event.error)
        _end(span, event.error)

    def _end_phase(self, address: str, error: str) -> None:
        phase = self._phases.pop(address, None)
        if phase is not None:
            _end(phase, error)

    def _open(self, name: str, within: Span | None) -> Span:
        context = self._outside if within is None else set_span_in_context(within)
        span = self._tracer.start_span(name, context=context, start_time=time_ns())
        assert isinstance(span, Span)
        return span


def _end(span: Span, error: str) -> None:
    if error:
        span.set_status(StatusCode.ERROR, error)
    span.end(time_ns())
