package server

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// gcPercent lets more garbage lie, which the limit allows: with the usual 100, the few megabytes of a small service are
// collected all the time.
const gcPercent = 400

// LimitMemory lets the garbage collector work less while there is memory, and harder before the container's runs out,
// unless GOGC or GOMEMLIMIT says otherwise. The runtime itself only knows the container's processors.
func LimitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		limit := containerMemory()
		if limit == 0 {
			return
		}
		debug.SetMemoryLimit(limit / 10 * 9)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// containerMemory returns the limit of control groups, of version 2 or 1, in bytes; 0 means none.
func containerMemory() int64 {
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		// Where there is no limit, version 2 says "max", and version 1 a number beyond all memory.
		content, _ := os.ReadFile(file)
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64); err == nil {
			return limit
		}
	}
	return 0
}
