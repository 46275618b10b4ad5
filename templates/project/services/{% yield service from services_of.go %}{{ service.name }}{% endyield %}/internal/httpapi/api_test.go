package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

type thing struct {
	Name  string   `json:"name"`
	Count int32    `json:"count"`
	Parts []inside `json:"parts"`
}

type inside struct {
	Label string `json:"label"`
}

// testAPI returns an API with some routes beside the usual ones.
func testAPI(draining *atomic.Bool, tracer trace.Tracer) http.Handler {
	routes := append(Operations("thing", "dev", draining),
		Route{"POST /things", func(w http.ResponseWriter, r *http.Request) error {
			got, err := Decode[thing](r)
			if err != nil {
				return err
			}
			return Encode(w, http.StatusCreated, got)
		}},
		Route{"GET /things/{id}", func(w http.ResponseWriter, r *http.Request) error {
			return Encode(w, http.StatusOK, r.PathValue("id"))
		}},
		Route{"DELETE /things/{id}", func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}},
		Route{"GET /fails", func(http.ResponseWriter, *http.Request) error { return errors.New("a secret") }},
		Route{"GET /panics", func(http.ResponseWriter, *http.Request) error { panic("a secret") }},
		Route{"GET /breaks-off", func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) }},
	)
	return New(Config{
		Routes:      routes,
		Description: []byte("{}"),
		Registry:    prometheus.NewRegistry(),
		Tracer:      tracer,
		Draining:    draining,
		MaxBody:     maxBody,
	})
}

func plainAPI() http.Handler {
	return testAPI(&atomic.Bool{}, noop.Tracer{})
}

func ask(api http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	for at := 0; at < len(headers); at += 2 {
		request.Header.Set(headers[at], headers[at+1])
	}
	answer := httptest.NewRecorder()
	api.ServeHTTP(answer, request)
	return answer
}

func assertProblem(t *testing.T, answer *httptest.ResponseRecorder, status int) {
	t.Helper()
	if answer.Code != status {
		t.Fatalf("the status is %d, want %d", answer.Code, status)
	}
	if got := answer.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("the media type is %q", got)
	}
	var document struct{ Status int }
	if err := json.Unmarshal(answer.Body.Bytes(), &document); err != nil || document.Status != status {
		t.Errorf("%v: %s", err, answer.Body)
	}
}

func TestAliveWithoutAnyDependency(t *testing.T) {
	if answer := ask(plainAPI(), http.MethodGet, "/healthz", ""); answer.Code != http.StatusOK {
		t.Errorf("the status is %d", answer.Code)
	}
}

func TestWhatIsNotThereIsAProblemDocument(t *testing.T) {
	for _, path := range []string{"/nothing", "/things/", "/things/1/", "//", "//things", "/healthz/../healthz", "/./healthz", "/things//1"} {
		t.Run(path, func(t *testing.T) {
			assertProblem(t, ask(plainAPI(), http.MethodGet, path, ""), http.StatusNotFound)
		})
	}
}

func TestAWrongMethodGetsAllAllowedMethods(t *testing.T) {
	for path, allowed := range map[string]string{"/things": "POST", "/things/1": "DELETE, GET, HEAD", "/": "GET, HEAD"} {
		for _, method := range []string{http.MethodPatch, "BREW"} {
			answer := ask(plainAPI(), method, path, "")
			assertProblem(t, answer, http.StatusMethodNotAllowed)
			if got := answer.Header().Get("Allow"); got != allowed {
				t.Errorf("%s allows %q, want %q", path, got, allowed)
			}
		}
	}
}

func TestABugIsAProblemDocumentWithoutDetails(t *testing.T) {
	for _, path := range []string{"/fails", "/panics"} {
		answer := ask(plainAPI(), http.MethodGet, path, "")
		assertProblem(t, answer, http.StatusInternalServerError)
		want := `{"type":"about:blank","title":"Internal Server Error","status":500}`
		if got := strings.TrimSpace(answer.Body.String()); got != want {
			t.Errorf("%s answers %s", path, got)
		}
	}
}

func TestAHandlerMayBreakOff(t *testing.T) {
	defer func() {
		if fault := recover(); fault != http.ErrAbortHandler {
			t.Errorf("it panics with %v", fault)
		}
	}()
	ask(plainAPI(), http.MethodGet, "/breaks-off", "")
}

func TestRequestsAreMeasuredByRouteTemplate(t *testing.T) {
	api := plainAPI()
	for _, path := range []string{"/things/1", "/things/2", "/"} {
		ask(api, http.MethodGet, path, "")
	}
	metrics := ask(api, http.MethodGet, "/metrics", "").Body.String()
	for _, want := range []string{
		`http_request_duration_seconds_count{method="GET",route="/things/{id}",status="2xx"} 2`,
		`http_request_duration_seconds_count{method="GET",route="/",status="2xx"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("there is no %s in\n%s", want, metrics)
		}
	}
}

func TestUnknownPathsAndMethodsAddNoSeries(t *testing.T) {
	api := plainAPI()
	count := func() int { return strings.Count(ask(api, http.MethodGet, "/metrics", "").Body.String(), "\n") }
	count()
	ask(api, "BREW", "/unknown", "")
	before := count()
	for _, name := range []string{"a", "b", "c"} {
		ask(api, "BREW"+strings.ToUpper(name), "/unknown/"+name, "")
	}
	if after := count(); after != before {
		t.Errorf("there were %d lines, now %d", before, after)
	}
}

func TestWhileDrainingNotReadyAndConnectionsClose(t *testing.T) {
	var draining atomic.Bool
	api := testAPI(&draining, noop.Tracer{})
	if answer := ask(api, http.MethodGet, "/readyz", ""); answer.Code != http.StatusOK || answer.Header().Get("Connection") != "" {
		t.Errorf("before it drains: %d %v", answer.Code, answer.Header())
	}
	draining.Store(true)
	answer := ask(api, http.MethodGet, "/readyz", "")
	assertProblem(t, answer, http.StatusServiceUnavailable)
	if !strings.Contains(answer.Body.String(), "shutting down") || answer.Header().Get("Connection") != "close" {
		t.Errorf("%s %v", answer.Body, answer.Header())
	}
}

func TestRequestsAreLoggedWithoutQueriesAndProbesAreNot(t *testing.T) {
	var out bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	api := plainAPI()
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/things/1?token=secret"} {
		ask(api, http.MethodGet, path, "")
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"GET /things/1 200"`) || strings.Contains(got, "secret") {
		t.Errorf("logged:\n%s", got)
	}
}

const maxBody = 1 << 20

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	large := `{"name": "` + strings.Repeat("x", maxBody) + `"}`
	chunked := httptest.NewRequest(http.MethodPost, "/things", struct{ io.Reader }{strings.NewReader(large)})
	chunked.Header.Set("Content-Type", "application/json")
	declared := httptest.NewRequest(http.MethodPost, "/things", strings.NewReader(large))
	declared.Header = chunked.Header
	for _, request := range []*http.Request{chunked, declared} {
		answer := httptest.NewRecorder()
		plainAPI().ServeHTTP(answer, request)
		assertProblem(t, answer, http.StatusRequestEntityTooLarge)
		if answer.Header().Get("Connection") != "close" {
			t.Error("the connection stays open")
		}
	}
}

// exchange sends a text over a connection, and returns what comes back.
func exchange(t *testing.T, sent string) string {
	t.Helper()
	server := httptest.NewServer(plainAPI())
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(connection, sent); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

const head = "POST /things HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"

func TestALargeBodyThatDoesNotEndIsAnsweredAllTheSame(t *testing.T) {
	defer func(before time.Duration) { dropTime = before }(dropTime)
	dropTime = 10 * time.Millisecond
	if got := exchange(t, head+"Content-Length: 9999999\r\n\r\n{"); !strings.HasPrefix(got, "HTTP/1.1 413 ") {
		t.Errorf("got %q", got)
	}
}

func TestWhoAsksBeforeSendingIsRefusedAtOnce(t *testing.T) {
	defer func(before time.Duration) { dropTime = before }(dropTime)
	dropTime = time.Hour
	got := exchange(t, head+"Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n")
	if !strings.HasPrefix(got, "HTTP/1.1 413 ") || strings.Contains(got, "100 Continue") {
		t.Errorf("got %q", got)
	}
}
