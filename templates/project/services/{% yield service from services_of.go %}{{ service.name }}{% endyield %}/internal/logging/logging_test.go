package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel/trace"
)

func logged(t *testing.T, level slog.Level, write func(*slog.Logger)) map[string]any {
	t.Helper()
	var out bytes.Buffer
	write(New(&out, "orders", level))
	if out.Len() == 0 {
		return nil
	}
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return line
}

func assertFields(t *testing.T, line map[string]any, want map[string]any) {
	t.Helper()
	for name, value := range want {
		if line[name] != value {
			t.Errorf("%s is %v, want %v", name, line[name], value)
		}
	}
}

func TestALineHasTheFieldsOfEveryService(t *testing.T) {
	line := logged(t, slog.LevelInfo, func(logger *slog.Logger) { logger.Warn("told", "key", "value") })
	assertFields(t, line, map[string]any{
		"level": "warning", "message": "told", "service": "orders", "key": "value", "trace_id": "", "span_id": "",
	})
	if line["time"] == nil {
		t.Error("there is no time")
	}
}

func TestLevelsHaveTheNamesOfEveryService(t *testing.T) {
	for level, name := range names {
		line := logged(t, slog.LevelDebug, func(logger *slog.Logger) { logger.Log(t.Context(), level, "told") })
		assertFields(t, line, map[string]any{"level": name})
	}
}

func TestWhatIsBelowTheLevelIsNotLogged(t *testing.T) {
	if line := logged(t, slog.LevelError, func(logger *slog.Logger) { logger.Warn("told") }); line != nil {
		t.Errorf("logged %v", line)
	}
}

func TestALineOfARequestCarriesItsIDs(t *testing.T) {
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithSpanContext(context.Background(), span)
	line := logged(t, slog.LevelInfo, func(logger *slog.Logger) { logger.With("key", "value").InfoContext(ctx, "told") })
	assertFields(t, line, map[string]any{
		"trace_id": "01000000000000000000000000000000", "span_id": "0200000000000000", "key": "value",
	})
}
