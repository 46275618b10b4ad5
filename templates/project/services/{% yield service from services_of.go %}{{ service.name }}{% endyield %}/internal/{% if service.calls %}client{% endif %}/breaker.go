package client

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

const (
	// maxFailures in a row open a breaker.
	maxFailures = 5
	// openTime passes before it lets a single try through.
	openTime = 5 * time.Second
)

// errGivenUp is how a try ends of which nothing is known, because the caller gave it up.
var errGivenUp = errors.New("given up")

// breaker leaves a callee alone for a while that fails again and again.
type breaker struct {
	circuit  *gobreaker.TwoStepCircuitBreaker[any]
	fault    atomic.Value // the last one, as a string
	openedAt atomic.Int64
}

func newBreaker(callee string) *breaker {
	b := &breaker{}
	b.circuit = gobreaker.NewTwoStepCircuitBreaker[any](gobreaker.Settings{
		Name:          callee,
		MaxRequests:   1,
		Timeout:       openTime,
		ReadyToTrip:   func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= maxFailures },
		IsExcluded:    func(err error) bool { return errors.Is(err, errGivenUp) },
		OnStateChange: b.changed,
	})
	return b
}

func (b *breaker) changed(callee string, from, to gobreaker.State) {
	if to == gobreaker.StateOpen {
		b.openedAt.Store(time.Now().UnixNano())
	}
	switch {
	case from == gobreaker.StateClosed:
		slog.Warn("no more calls to "+callee, "fault", b.fault.Load())
	case to == gobreaker.StateClosed:
		slog.Info("calls to " + callee + " again")
	}
}

// allow returns how to say what became of a try, or an error when there must be none.
func (b *breaker) allow() (func(error), error) {
	done, err := b.circuit.Allow()
	if err != nil {
		return nil, fmt.Errorf("circuit breaker %s, the last failure: %s", b.state(), b.fault.Load())
	}
	return func(err error) {
		if err != nil && !errors.Is(err, errGivenUp) {
			b.fault.Store(err.Error())
		}
		done(err)
	}, nil
}

// state is closed, open or half-open.
func (b *breaker) state() string {
	return b.circuit.State().String()
}

// wait returns how long nothing is let through.
func (b *breaker) wait() time.Duration {
	if b.state() != gobreaker.StateOpen.String() {
		return 0
	}
	return max(0, openTime-time.Since(time.Unix(0, b.openedAt.Load())))
}
