// Package logging writes one JSON object per line, each with the ids of the request that it is about.
package logging

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

var names = map[slog.Level]string{
	slog.LevelDebug:     "debug",
	slog.LevelInfo:      "info",
	slog.LevelWarn:      "warning",
	slog.LevelError:     "error",
	slog.LevelError + 4: "critical",
}

// New returns a logger of a service that writes to w.
func New(w io.Writer, service string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: rename}
	return slog.New(&handler{slog.NewJSONHandler(w, options).WithAttrs([]slog.Attr{slog.String("service", service)})})
}

// rename gives the message and the levels the names that they have in every service.
func rename(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.MessageKey:
		attr.Key = "message"
	case slog.LevelKey:
		if level, ok := attr.Value.Any().(slog.Level); ok && names[level] != "" {
			attr.Value = slog.StringValue(names[level])
		}
	}
	return attr
}

// handler adds the ids of the current span, which are empty outside of requests.
type handler struct{ slog.Handler }

func (h *handler) Handle(ctx context.Context, record slog.Record) error {
	var traceID, spanID string
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		traceID, spanID = span.TraceID().String(), span.SpanID().String()
	}
	record.AddAttrs(slog.String("trace_id", traceID), slog.String("span_id", spanID))
	return h.Handler.Handle(ctx, record)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.Handler.WithAttrs(attrs)}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.Handler.WithGroup(name)}
}
