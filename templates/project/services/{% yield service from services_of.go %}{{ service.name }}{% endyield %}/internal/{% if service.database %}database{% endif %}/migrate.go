package database

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

const (
	// waitTime is for the database to come up.
	waitTime = 30 * time.Second
	pingTime = 3 * time.Second
	pause    = 500 * time.Millisecond
	// lockMinutes is for another migration to end.
	lockMinutes = 10
)

// Migrate brings the schema to the newest revision: once, however many try at the same time.
func Migrate(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	if err := await(ctx, db); err != nil {
		return fmt.Errorf("the database does not answer: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, lockMinutes*60))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations(), goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	applied, err := provider.Up(ctx)
	if err != nil {
		return err
	}
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	slog.Info("the schema is migrated", "revision", current, "applied", len(applied))
	return nil
}

func await(ctx context.Context, db *sql.DB) error {
	end := time.Now().Add(waitTime)
	for {
		err := ping(ctx, db)
		if err == nil || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func ping(ctx context.Context, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	return db.PingContext(ctx)
}
