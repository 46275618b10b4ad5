package client

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func spent(b *budget, calls int) int {
	count := 0
	for range calls {
		b.earn()
		if b.spend() {
			count++
		}
	}
	return count
}

func TestATenthOfManyCallsMayBeRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		if got := spent(b, 10); got != 10 {
			t.Errorf("of the first 10 calls %d are repeated", got)
		}
		spent(b, 100)
		if got := spent(b, 1000); got < 99 || got > 101 {
			t.Errorf("of 1000 calls %d are repeated", got)
		}
	})
}

func TestOfFewCallsAllMayBeRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		spent(b, 100)
		time.Sleep(3 * time.Second)
		if got := spent(b, 3); got != 3 {
			t.Errorf("of 3 calls %d are repeated", got)
		}
	})
}

func TestSavingsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget()
		time.Sleep(time.Hour)
		if got := spent(b, 20); got > 12 {
			t.Errorf("of 20 calls %d are repeated", got)
		}
	})
}

func TestPausesGrowAndDiffer(t *testing.T) {
	for tries, most := range map[int]time.Duration{1: basePause, 2: 2 * basePause, 3: 4 * basePause} {
		seen := map[time.Duration]bool{}
		for range 50 {
			found := pause(tries, nil)
			if found < 0 || found > most {
				t.Errorf("after %d tries the pause is %v", tries, found)
			}
			seen[found] = true
		}
		if len(seen) < 10 {
			t.Errorf("there are %d pauses", len(seen))
		}
	}
}

func TestTheCalleeMayAskForALongerPause(t *testing.T) {
	for value, seconds := range map[string]float64{
		"7": 7,
		time.Now().Add(10 * time.Second).UTC().Format(http.TimeFormat): 9,
		"soon":                 0,
		"-7":                   0,
		"99999999999999999999": 0,
	} {
		answer := &http.Response{Header: http.Header{"Retry-After": {value}}}
		if got := pause(1, answer).Seconds(); got < seconds-1 || got > seconds+1 {
			t.Errorf("after %q the pause is %v s", value, got)
		}
	}
}
