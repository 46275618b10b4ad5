package database

import (
	"context"
	"embed"
	"errors"
	"io/fs"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var files embed.FS

func migrations() fs.FS {
	folder, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is part of this binary
	}
	return folder
}

// newest returns the revision of the schema that this image needs. Revisions are only ever added, so a database that is
// ahead was migrated by a later image, which leaves this one working.
func newest() int64 {
	names, err := fs.Glob(migrations(), "*.sql")
	if err != nil {
		panic(err) // the pattern is well-formed
	}
	var newest int64
	for _, name := range names {
		number, err := goose.NumericComponent(name)
		if err != nil {
			panic(err) // a test reads all names
		}
		newest = max(newest, number)
	}
	return newest
}

// revision returns the revision of the schema that a database has; 0 is an empty one.
func revision(ctx context.Context, pool *pgxpool.Pool) (int64, error) {
	var found int64
	err := pool.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&found)
	var told *pgconn.PgError
	if errors.As(err, &told) && told.Code == "42P01" { // no such table
		return 0, nil
	}
	return found, err
}
