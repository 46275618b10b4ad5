package server

import (
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const long = time.Hour

// started is a server under test.
type started struct {
	address  string
	draining atomic.Bool
	signals  chan os.Signal
	ended    chan error
}

func start(t *testing.T, drain time.Duration, handler http.HandlerFunc) *started {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &started{
		address: "http://" + listener.Addr().String(),
		signals: make(chan os.Signal, 3),
		ended:   make(chan error, 1),
	}
	go func() { s.ended <- Serve(listener, handler, &s.draining, drain, s.signals) }()
	return s
}

func (s *started) get(t *testing.T) (string, error) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(s.address)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return string(body), err
}

func (s *started) assertEnds(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
}

func (s *started) assertDrains(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !s.draining.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not drain")
		}
	}
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

func TestSIGTERMServesOnForAWhile(t *testing.T) {
	s := start(t, 200*time.Millisecond, hello)
	told := time.Now()
	s.signals <- syscall.SIGTERM
	s.assertDrains(t)
	if got, err := s.get(t); got != "hello" {
		t.Errorf("while it drains: %q %v", got, err)
	}
	s.assertEnds(t)
	if took := time.Since(told); took < 200*time.Millisecond {
		t.Errorf("it ended after %v", took)
	}
	if _, err := s.get(t); err == nil {
		t.Error("it still answers")
	}
}

func TestASecondSignalEndsTheWait(t *testing.T) {
	s := start(t, long, hello)
	s.signals <- syscall.SIGTERM
	s.signals <- syscall.SIGTERM
	s.assertEnds(t)
}

func TestCtrlCDoesNotWait(t *testing.T) {
	s := start(t, long, hello)
	s.signals <- os.Interrupt
	s.assertEnds(t)
}

func TestWhatIsOpenIsFinished(t *testing.T) {
	arrived, goOn := make(chan struct{}), make(chan struct{})
	s := start(t, 0, func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-goOn
		hello(w, r)
	})
	answer := make(chan string, 1)
	go func() {
		body, _ := s.get(t)
		answer <- body
	}()
	<-arrived
	s.signals <- syscall.SIGTERM
	s.assertDrains(t)
	select {
	case <-s.ended:
		t.Fatal("it ended before")
	case <-time.After(100 * time.Millisecond):
	}
	close(goOn)
	if got := <-answer; got != "hello" {
		t.Errorf("the answer is %q", got)
	}
	s.assertEnds(t)
}

func TestAThirdSignalDropsWhatIsOpen(t *testing.T) {
	arrived := make(chan struct{})
	s := start(t, long, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	go func() { _, _ = s.get(t) }()
	<-arrived
	for range 3 {
		s.signals <- syscall.SIGTERM
	}
	s.assertEnds(t)
}

func TestAServerThatCannotServeSaysWhy(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := Serve(listener, http.HandlerFunc(hello), &atomic.Bool{}, 0, nil); err == nil {
		t.Error("there is no error")
	}
}
