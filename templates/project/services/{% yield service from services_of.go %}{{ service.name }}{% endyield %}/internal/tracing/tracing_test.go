package tracing

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/trace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

func parent(flags trace.TraceFlags) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: flags, Remote: true,
	})
}

// receiver takes batches of spans, and passes on what it was sent.
func receiver(t *testing.T) (string, <-chan *http.Request, <-chan *tracepb.TracesData) {
	t.Helper()
	requests, batches := make(chan *http.Request, 9), make(chan *tracepb.TracesData, 9)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var batch tracepb.TracesData
		if err = errors.Join(err, proto.Unmarshal(body, &batch)); err != nil {
			t.Error(err)
		}
		requests <- r
		batches <- &batch
	}))
	t.Cleanup(server.Close)
	return server.URL, requests, batches
}

func TestWithoutAnEndpointSpansOnlyCarryIDs(t *testing.T) {
	tracer, flush, err := Start(t.Context(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer flush()
	ctx, first := tracer.Start(context.Background(), "first")
	_, second := tracer.Start(ctx, "second")
	if first.IsRecording() || !first.SpanContext().IsSampled() {
		t.Error("the first span is recorded, or not sampled by whom it calls")
	}
	if first.SpanContext().TraceID() != second.SpanContext().TraceID() || first.SpanContext().SpanID() == second.SpanContext().SpanID() {
		t.Errorf("%v is not below %v", second.SpanContext(), first.SpanContext())
	}
	_, other := tracer.Start(context.Background(), "other")
	if other.SpanContext().TraceID() == first.SpanContext().TraceID() {
		t.Error("two traces have one id")
	}
}

func TestTheDecisionOfTheCallerIsKept(t *testing.T) {
	for _, flags := range []trace.TraceFlags{0, trace.FlagsSampled} {
		tracer, _, err := Start(t.Context(), Config{})
		if err != nil {
			t.Fatal(err)
		}
		_, span := tracer.Start(trace.ContextWithSpanContext(t.Context(), parent(flags)), "name")
		if got := span.SpanContext(); got.TraceFlags() != flags || got.TraceID() != parent(flags).TraceID() || got.SpanID() == parent(flags).SpanID() {
			t.Errorf("the span of %v is %v", parent(flags), got)
		}
	}
}

func TestSpansAreSentWithHeadersNameAndVersion(t *testing.T) {
	address, requests, batches := receiver(t)
	config := Config{
		Endpoint: address,
		Headers:  map[string]string{"key": "s3cret"},
		Timeout:  time.Second,
		Service:  "orders",
		Version:  "1.2.3",
	}
	tracer, flush, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	_, sent := tracer.Start(trace.ContextWithSpanContext(t.Context(), parent(trace.FlagsSampled)), "sent")
	sent.End()
	_, left := tracer.Start(trace.ContextWithSpanContext(t.Context(), parent(0)), "left")
	left.End()
	_, probe := tracer.Start(Unsampled(t.Context()), "probe")
	probe.End()
	flush()
	request, batch := <-requests, <-batches
	if request.URL.Path != "/v1/traces" || request.Header.Get("key") != "s3cret" {
		t.Errorf("the request is %s %v", request.URL, request.Header)
	}
	spans := batch.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()
	if len(spans) != 1 || spans[0].GetName() != "sent" {
		t.Errorf("the spans are %v", spans)
	}
	if got := batch.GetResourceSpans()[0].GetResource().String(); !strings.Contains(got, "orders") || !strings.Contains(got, "1.2.3") {
		t.Errorf("the resource is %s", got)
	}
}

func TestAnAnswerOfTheReceiverWithoutEndIsNotRead(t *testing.T) {
	for _, status := range []string{"200 OK", "400 Bad Request"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		closed := make(chan struct{})
		go flood(listener, status, closed)
		uploader := newUploader(Config{Endpoint: "http://" + listener.Addr().String(), Timeout: 10 * time.Second})
		if err := uploader.UploadTraces(t.Context(), nil); (err != nil) != (status[0] == '4') {
			t.Errorf("after %s: %v", status, err)
		}
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Error("it reads on")
		}
	}
}

// flood answers without end, until the connection is closed.
func flood(listener net.Listener, status string, closed chan<- struct{}) {
	defer close(closed)
	connection, err := listener.Accept()
	if err != nil {
		return
	}
	defer func() { _ = connection.Close() }()
	_, _ = connection.Read(make([]byte, 1<<16))
	_, err = io.WriteString(connection, "HTTP/1.1 "+status+"\r\nContent-Length: 999999999999\r\n\r\n")
	for err == nil {
		_, err = connection.Write(make([]byte, 1<<16))
	}
}

func TestAReceiverThatIsSilentHoldsUpTheEndOnlyShortly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		flush(func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestAReceiverThatIsAwayIsComplainedOfOncePerMinute(t *testing.T) {
	var out bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&out, nil)))
	synctest.Test(t, func(t *testing.T) {
		var quiet complaints
		for range 3 {
			quiet.Handle(errors.New("away"))
		}
		time.Sleep(time.Minute)
		quiet.Handle(errors.New("still away"))
	})
	if got := strings.Count(out.String(), "spans are not sent"); got != 2 {
		t.Errorf("it complained %d times:\n%s", got, out.String())
	}
}
