package server

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// LimitMemory lets the garbage collector work harder before the container's memory runs out, unless GOMEMLIMIT says
// otherwise. The runtime itself only knows the container's processors.
func LimitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	limit, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return
	}
	// Where there is no limit, the file says "max".
	if bytes, err := strconv.ParseInt(strings.TrimSpace(string(limit)), 10, 64); err == nil {
		debug.SetMemoryLimit(bytes / 10 * 9)
	}
}
