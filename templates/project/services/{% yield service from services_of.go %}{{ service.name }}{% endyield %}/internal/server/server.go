// Package server serves with a shutdown that loses no request.
package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	// idleTime is longer than a gateway keeps an idle connection (Caddy: 2 minutes), so that we never close one just as
	// it is used.
	idleTime = 150 * time.Second
	// finishTime is the time for open requests to end after the listener is closed.
	finishTime = 20 * time.Second
)

// Serve answers requests until a signal says stop.
//
// The first SIGTERM sets draining, so that the service is not ready, and serves on for a while; then it stops
// listening, and finishes open requests. A second signal ends the wait, a third drops what is open. Ctrl-C does not wait.
func Serve(listener net.Listener, handler http.Handler, draining *atomic.Bool, drain time.Duration, signals <-chan os.Signal) error {
	server := &http.Server{
		Handler:                      handler,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
		IdleTimeout:                  idleTime,
		MaxHeaderBytes:               64 << 10,
		ReadHeaderTimeout:            10 * time.Second,
		ReadTimeout:                  time.Minute,
		WriteTimeout:                 2 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case signal := <-signals:
		draining.Store(true)
		if signal != os.Interrupt {
			wait(drain, signals)
		}
	}
	finish(server, signals)
	return nil
}

func wait(drain time.Duration, signals <-chan os.Signal) {
	slog.Info("draining", "seconds", drain.Seconds())
	select {
	case <-time.After(drain):
	case <-signals:
	}
}

func finish(server *http.Server, signals <-chan os.Signal) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	go func() {
		select {
		case <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := server.Shutdown(ctx); err != nil {
		slog.Warn("open requests are dropped")
		_ = server.Close()
	}
}
