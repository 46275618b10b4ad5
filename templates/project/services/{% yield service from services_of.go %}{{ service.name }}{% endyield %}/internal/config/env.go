package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// env reads environment variables and collects what is wrong with them. An empty variable counts as not set.
type env struct {
	get    func(string) string
	faults []string
}

// err names every wrong variable in one line, never its value.
func (e *env) err() error {
	if len(e.faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(e.faults, "; "))
}

func (e *env) fault(name, format string, arguments ...any) {
	e.faults = append(e.faults, name+" "+fmt.Sprintf(format, arguments...))
}

func (e *env) text(name, fallback string) string {
	if value := e.get(name); value != "" {
		return value
	}
	return fallback
}

func (e *env) oneOf(name, fallback string, choices ...string) string {
	value := strings.ToLower(e.text(name, fallback))
	if slices.Contains(choices, value) {
		return value
	}
	e.fault(name, "is not one of %s", strings.Join(choices, ", "))
	return fallback
}

func (e *env) integer(name string, fallback, least, most int) int {
	text := e.get(name)
	if text == "" {
		return fallback
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < least || value > most {
		e.fault(name, "is not a whole number from %d to %d", least, most)
	}
	return value
}

func (e *env) seconds(name string, fallback, most float64) time.Duration {
	value := fallback
	if text := e.get(name); text != "" {
		var err error
		value, err = strconv.ParseFloat(text, 64)
		if err != nil || !(value >= 0 && value <= most) {
			e.fault(name, "is not a number of seconds from 0 to %g", most)
			return 0
		}
	}
	return time.Duration(value * float64(time.Second))
}

func (e *env) boolean(name string) bool {
	text := e.get(name)
	if text == "" {
		return false
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		e.fault(name, "is neither true nor false")
	}
	return value
}

// address returns the address of something that speaks HTTP, or an empty text when it is not set.
func (e *env) address(name string) string {
	text := e.get(name)
	if text == "" {
		return ""
	}
	address, err := url.Parse(text)
	if err != nil || (address.Scheme != "http" && address.Scheme != "https") || address.Hostname() == "" || !validPort(address) {
		e.fault(name, "is not an address like http://name:8080")
		return ""
	}
	return strings.TrimRight(text, "/")
}

func validPort(address *url.URL) bool {
	if address.Port() == "" {
		return !strings.HasSuffix(address.Host, ":")
	}
	port, err := strconv.ParseUint(address.Port(), 10, 16)
	return err == nil && port > 0
}

// pairs reads a list like name=value,name=value, whose values are escaped as in an address.
func (e *env) pairs(name string) map[string]string {
	text := e.get(name)
	if text == "" {
		return nil
	}
	found := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(pair, "=")
		decoded, err := url.PathUnescape(strings.TrimSpace(value))
		if key = strings.TrimSpace(key); key == "" || !ok || err != nil {
			e.fault(name, "is not a list like name=value,name=value")
			return nil
		}
		found[key] = decoded
	}
	return found
}
