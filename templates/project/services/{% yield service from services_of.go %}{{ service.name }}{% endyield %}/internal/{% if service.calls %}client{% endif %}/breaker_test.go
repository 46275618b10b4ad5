package client

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var errFailed = errors.New("status 500")

func attempt(t *testing.T, b *breaker, outcome error) {
	t.Helper()
	done, err := b.allow()
	if err != nil {
		t.Fatal(err)
	}
	done(outcome)
}

func assertState(t *testing.T, b *breaker, want string) {
	t.Helper()
	if got := b.state(); got != want {
		t.Fatalf("the breaker is %s, want %s", got, want)
	}
}

func assertRefuses(t *testing.T, b *breaker) {
	t.Helper()
	if _, err := b.allow(); err == nil {
		t.Fatal("it lets a try through")
	}
}

func opened(t *testing.T) *breaker {
	t.Helper()
	b := newBreaker("callee")
	for range maxFailures {
		attempt(t, b, errFailed)
	}
	return b
}

func TestItOpensAfterFailuresInARow(t *testing.T) {
	b := newBreaker("callee")
	for _, outcome := range []error{errFailed, errFailed, errFailed, errFailed, nil, errFailed, errFailed, errFailed, errFailed} {
		attempt(t, b, outcome)
	}
	assertState(t, b, "closed")
	attempt(t, b, errors.New("status 503"))
	assertState(t, b, "open")
	_, err := b.allow()
	if want := "circuit breaker open, the last failure: status 503"; err == nil || err.Error() != want {
		t.Errorf("the reason is %v, want %s", err, want)
	}
}

func TestAfterAPauseASingleTryClosesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := opened(t)
		time.Sleep(openTime - time.Millisecond)
		assertRefuses(t, b)
		if got := b.wait(); got != time.Millisecond {
			t.Errorf("it lets nothing through for %v more", got)
		}
		time.Sleep(2 * time.Millisecond)
		assertState(t, b, "half-open")
		done, err := b.allow()
		if err != nil {
			t.Fatal(err)
		}
		assertRefuses(t, b)
		done(nil)
		assertState(t, b, "closed")
		attempt(t, b, errFailed)
		assertState(t, b, "closed")
	})
}

func TestAfterAPauseASingleFailureOpensItAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := opened(t)
		time.Sleep(openTime + time.Second)
		attempt(t, b, errFailed)
		assertState(t, b, "open")
		if got := b.wait(); got != openTime {
			t.Errorf("it lets nothing through for %v", got)
		}
	})
}

func TestATryFromBeforeItOpenedSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker("callee")
		early, err := b.allow()
		if err != nil {
			t.Fatal(err)
		}
		for range maxFailures {
			attempt(t, b, errFailed)
		}
		early(nil)
		assertState(t, b, "open")
	})
}

func TestATryThatWasGivenUpMakesRoomForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := opened(t)
		time.Sleep(openTime + time.Second)
		attempt(t, b, errGivenUp)
		assertState(t, b, "half-open")
		attempt(t, b, nil)
		assertState(t, b, "closed")
	})
}
