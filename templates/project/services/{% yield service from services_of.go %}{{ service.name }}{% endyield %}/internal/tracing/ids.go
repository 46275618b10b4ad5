package tracing

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// ids makes spans that are sent nowhere, and only carry ids.
type ids struct {
	noop.Tracer
	flags trace.TraceFlags // of a new trace: whether a callee must send spans of it
}

// Start begins a span below that of ctx, or a new trace.
func (i ids) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	parent := trace.SpanContextFromContext(ctx)
	config := trace.SpanContextConfig{TraceFlags: i.flags, SpanID: newSpanID()}
	if parent.IsValid() {
		config.TraceID, config.TraceFlags, config.TraceState = parent.TraceID(), parent.TraceFlags(), parent.TraceState()
	} else {
		config.TraceID = newTraceID()
	}
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(config))
	return ctx, trace.SpanFromContext(ctx)
}

// Unsampled returns ctx with a span that is not sent, nor what is below it.
func Unsampled(ctx context.Context) context.Context {
	ctx, span := ids{}.Start(ctx, "")
	return trace.ContextWithSpanContext(ctx, span.SpanContext().WithTraceFlags(0))
}

// No id is zero: that would mean none.
func newSpanID() (id trace.SpanID) {
	binary.NativeEndian.PutUint64(id[:], rand.Uint64()|1)
	return id
}

func newTraceID() (id trace.TraceID) {
	binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(id[8:], rand.Uint64()|1)
	return id
}
