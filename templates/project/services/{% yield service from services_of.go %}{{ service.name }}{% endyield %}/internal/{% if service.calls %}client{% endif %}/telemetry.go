package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

type metrics struct {
	calls    *prometheus.HistogramVec
	retries  *prometheus.CounterVec
	refusals *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) *metrics {
	found := &metrics{
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "http_client_request_duration_seconds",
			Help:    "Requests sent to other services, repetitions counted one by one.",
			Buckets: prometheus.DefBuckets,
		}, []string{"callee", "method", "status"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_client_retries_total",
			Help: "Requests to other services that were repeated.",
		}, []string{"callee"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_client_refusals_total",
			Help: "Requests to other services that were not sent, because the circuit breaker was open.",
		}, []string{"callee"}),
	}
	registry.MustRegister(found.calls, found.retries, found.refusals)
	return found
}

func (m *metrics) observe(callee, method string, answer *http.Response, took time.Duration) {
	status := "none"
	if answer != nil {
		status = strconv.Itoa(answer.StatusCode/100) + "xx"
	}
	m.calls.WithLabelValues(callee, method, status).Observe(took.Seconds())
}

// stateGauges tell which state the breaker of a client is in.
func stateGauges(client *Client) []prometheus.Collector {
	var gauges []prometheus.Collector
	for _, state := range []string{"closed", "open", "half-open"} {
		gauges = append(gauges, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name:        "http_client_breaker_state",
			Help:        "1 for the state that the circuit breaker of a callee is in, 0 for the others.",
			ConstLabels: prometheus.Labels{"callee": client.callee, "state": state},
		}, func() float64 {
			if client.breaker.state() == state {
				return 1
			}
			return 0
		}))
	}
	return gauges
}

// again returns a copy of a request that tells the callee of which span it is part.
func again(ctx context.Context, request *http.Request) (*http.Request, error) {
	attempt := request.Clone(ctx)
	if request.GetBody != nil {
		body, err := request.GetBody()
		if err != nil {
			return nil, err
		}
		attempt.Body = body
	}
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(attempt.Header))
	return attempt, nil
}

func describe(span trace.Span, callee string, request *http.Request, answer *http.Response) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(
		semconv.HTTPRequestMethodKey.String(request.Method),
		semconv.ServicePeerName(callee),
		semconv.ServerAddress(request.URL.Hostname()),
		semconv.ServerPort(portOf(request.URL)),
		// Neither the query nor a password that an address may hold.
		semconv.URLFull((&url.URL{Scheme: request.URL.Scheme, Host: request.URL.Host, Path: request.URL.Path}).String()),
	)
	if answer != nil {
		span.SetAttributes(semconv.HTTPResponseStatusCode(answer.StatusCode))
	}
	if answer == nil || answer.StatusCode >= http.StatusBadRequest {
		span.SetStatus(codes.Error, "")
	}
}

func portOf(address *url.URL) int {
	if port, err := strconv.Atoi(address.Port()); err == nil {
		return port
	}
	if address.Scheme == "https" {
		return 443
	}
	return 80
}
