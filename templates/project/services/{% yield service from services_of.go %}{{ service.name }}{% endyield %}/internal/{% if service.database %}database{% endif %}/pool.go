// Package database is the service's own Postgres: its pool, its schema, and whether it can be used.
package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

const (
	poolSize = 10
	// connectTime is for one connection.
	connectTime = 2 * time.Second
	// closeTime is for all connections at the end: a database that is silent must not hold up the exit.
	closeTime = time.Second
)

// Open returns a pool, which connects when it is first used.
func Open(url string, tracer trace.Tracer, registry prometheus.Registerer) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = poolSize
	config.ConnConfig.ConnectTimeout = connectTime
	config.ConnConfig.Tracer = statements{tracer}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		return nil, err
	}
	registry.MustRegister(
		gauge("busy", func() float64 { return float64(pool.Stat().AcquiredConns()) }),
		gauge("idle", func() float64 { return float64(pool.Stat().IdleConns()) }),
	)
	return pool, nil
}

func gauge(state string, read func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "database_pool_connections",
		Help:        "Connections to the database, by state (busy or idle).",
		ConstLabels: prometheus.Labels{"state": state},
	}, read)
}

// Close closes all connections.
func Close(pool *pgxpool.Pool) {
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(closeTime):
	}
}

// Check returns why the database cannot be used, or nil when it can.
func Check(pool *pgxpool.Pool) func(context.Context) error {
	needed := newest()
	return func(ctx context.Context) error {
		found, err := revision(ctx, pool)
		switch {
		case err != nil && Unreachable(err):
			return errors.New("the database does not answer")
		case err != nil:
			return errors.New("the database cannot tell the revision of its schema")
		case found < needed:
			return fmt.Errorf("the schema is at revision %d, %d is needed: run migrate", found, needed)
		}
		return nil
	}
}

// Unreachable tells whether an error means that no answer came, rather than one of the database's own.
func Unreachable(err error) bool {
	var told *pgconn.PgError
	if errors.As(err, &told) {
		// Too many connections, or it is starting or stopping.
		return strings.HasPrefix(told.Code, "53") || strings.HasPrefix(told.Code, "57P")
	}
	return err != nil && !errors.Is(err, pgx.ErrNoRows)
}
