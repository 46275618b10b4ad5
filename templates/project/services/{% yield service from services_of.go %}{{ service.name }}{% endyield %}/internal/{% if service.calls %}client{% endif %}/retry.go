package client

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	maxTries = 3
	// basePause is what a pause before the first repetition is at most; it doubles for each further one.
	basePause = 100 * time.Millisecond

	earnedPerCall   = 0.1 // repetitions
	earnedPerSecond = 1.0
	maxSaved        = 10.0
)

// budget is how many repetitions a callee may be burdened with, which must not be what keeps it down: a tenth of all
// calls, and one per second.
type budget struct {
	mu    sync.Mutex
	saved float64
	since time.Time
}

func newBudget() *budget {
	return &budget{saved: maxSaved, since: time.Now()}
}

// earn counts a call.
func (b *budget) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.saved = min(maxSaved, b.saved+earnedPerCall+now.Sub(b.since).Seconds()*earnedPerSecond)
	b.since = now
}

// spend takes one repetition, if there is one.
func (b *budget) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.saved < 1 {
		return false
	}
	b.saved--
	return true
}

func isIdempotent(method string) bool {
	switch method {
	case http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut:
		return true
	}
	return false
}

// isPassing tells whether a failure may be gone with the next try. Without an answer the status is 0.
func isPassing(status int) bool {
	switch status {
	case 0, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// pause returns how long to wait after so many tries: at random, so that callers do not come in step, or as long as the
// callee asks for.
func pause(tries int, answer *http.Response) time.Duration {
	random := time.Duration(rand.Float64() * float64(basePause<<(tries-1)))
	if answer == nil {
		return random
	}
	return max(random, retryAfter(answer.Header.Get("Retry-After")))
}

func retryAfter(value string) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 16); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if when, err := http.ParseTime(value); err == nil {
		return time.Until(when)
	}
	return 0
}
