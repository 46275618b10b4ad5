package config

import (
	"maps"
	"testing"
	"time"
)

func with(value string) *env {
	return &env{get: func(string) string { return value }}
}

func TestAnEmptyVariableCountsAsNotSet(t *testing.T) {
	e := with("")
	if got := e.integer("X", 7, 1, 9); got != 7 {
		t.Errorf("the number is %d", got)
	}
	if got := e.seconds("X", 1.5, 9); got != 1500*time.Millisecond {
		t.Errorf("the time is %v", got)
	}
	if got := e.text("X", "other"); got != "other" {
		t.Errorf("the text is %q", got)
	}
	if e.address("X") != "" || e.boolean("X") || e.pairs("X") != nil || e.err() != nil {
		t.Error("something is set, or wrong")
	}
}

func TestNumbersHaveLimits(t *testing.T) {
	for value, wrong := range map[string]bool{"1": false, "9": false, "0": true, "10": true, "x": true, "1.5": true} {
		e := with(value)
		e.integer("X", 7, 1, 9)
		if (e.err() != nil) != wrong {
			t.Errorf("%s: %v", value, e.err())
		}
	}
	for value, wrong := range map[string]bool{"0": false, "2.5": false, "-1": true, "10": true, "NaN": true, "1s": true} {
		e := with(value)
		e.seconds("X", 7, 9)
		if (e.err() != nil) != wrong {
			t.Errorf("%s: %v", value, e.err())
		}
	}
}

func TestAnAddressIsThatOfAServer(t *testing.T) {
	for value, want := range map[string]string{
		"http://name:8080/":     "http://name:8080",
		"https://name/below":    "https://name/below",
		"http://u:p@[::1]:8080": "http://u:p@[::1]:8080",
		"name:8080":             "",
		"http://":               "",
		"http://:8080":          "",
		"http://name:0":         "",
		"http://name:":          "",
		"http://name:70000":     "",
		"ftp://name":            "",
		"http://na me":          "",
	} {
		e := with(value)
		if got := e.address("X"); got != want || (e.err() == nil) != (want != "") {
			t.Errorf("%s: %q %v", value, got, e.err())
		}
	}
}

func TestPairsAreUnescaped(t *testing.T) {
	got := with("key=s3cret%20one, other=a=b").pairs("X")
	if want := map[string]string{"key": "s3cret one", "other": "a=b"}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, wrong := range []string{"key", "=value", "a=b,", "a=%zz"} {
		e := with(wrong)
		if e.pairs("X"); e.err() == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}

func TestSpansAreSentNowhereWhenTheSDKIsDisabled(t *testing.T) {
	for disabled, want := range map[string]string{"": "http://collector:4318", "false": "http://collector:4318", "TRUE": ""} {
		e := &env{get: func(name string) string {
			return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": disabled}[name]
		}}
		if got := e.tracing(Common{}).Endpoint; got != want {
			t.Errorf("%q: the endpoint is %q, want %q", disabled, got, want)
		}
	}
}

func TestTheStandardNameOfSpansComesFirst(t *testing.T) {
	for name, want := range map[string]string{"": "orders", "standard": "standard"} {
		e := &env{get: func(variable string) string { return map[string]string{"OTEL_SERVICE_NAME": name}[variable] }}
		if got := e.tracing(Common{Service: "orders"}).Service; got != want {
			t.Errorf("the name is %q, want %q", got, want)
		}
	}
}
