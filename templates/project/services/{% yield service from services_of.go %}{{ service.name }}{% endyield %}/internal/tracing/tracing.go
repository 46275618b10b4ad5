// Package tracing says which request something belongs to: ids for log lines and callees, and spans where they are wanted.
package tracing

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

const (
	// flushTime is for the spans that are left at the end.
	flushTime = 3 * time.Second
	// silence is kept between two complaints about a receiver that is away.
	silence = time.Minute
)

// Config is what spans need to be sent. Without an endpoint none are.
type Config struct {
	Endpoint string
	Headers  map[string]string
	Timeout  time.Duration // for one batch
	Service  string
	Version  string
}

// Start returns what makes spans, and what sends those that are left at the end.
func Start(ctx context.Context, config Config) (trace.Tracer, func(), error) {
	if config.Endpoint == "" {
		return ids{flags: trace.FlagsSampled}, func() {}, nil
	}
	// The SDK logs through these two, instead of its own lines on standard error.
	otel.SetLogger(logr.FromSlogHandler(slog.Default().Handler()))
	otel.SetErrorHandler(&complaints{})
	exporter, err := otlptrace.New(ctx, newUploader(config))
	if err != nil {
		return nil, nil, err
	}
	attributes := resource.WithAttributes(semconv.ServiceName(config.Service), semconv.ServiceVersion(config.Version))
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithFromEnv(), attributes)
	if err != nil {
		return nil, nil, err
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(described))
	otel.SetTracerProvider(provider) // for otel.Tracer in code of yours
	return provider.Tracer(config.Service), func() { flush(provider.Shutdown) }, nil
}

func flush(shutdown func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := shutdown(ctx); err != nil {
		otel.Handle(err)
	}
}

// complaints lets one error through per minute: an unavailable receiver must not fill the log.
type complaints struct{ next atomic.Int64 }

func (c *complaints) Handle(err error) {
	now, next := time.Now(), c.next.Load()
	if now.UnixNano() >= next && c.next.CompareAndSwap(next, now.Add(silence).UnixNano()) {
		slog.Warn("spans are not sent", "error", err.Error())
	}
}
