package database

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// statements makes a span for each statement of a request that is traced, without its values.
type statements struct{ tracer trace.Tracer }

func (s statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, query pgx.TraceQueryStartData) context.Context {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return ctx
	}
	operation, _, _ := strings.Cut(strings.TrimSpace(query.SQL), " ")
	operation = strings.ToUpper(operation)
	ctx, span := s.tracer.Start(ctx, operation, trace.WithSpanKind(trace.SpanKindClient))
	span.SetAttributes(semconv.DBSystemNamePostgreSQL, semconv.DBOperationName(operation), semconv.DBQueryText(query.SQL))
	return ctx
}

func (s statements) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, result pgx.TraceQueryEndData) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	if result.Err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
