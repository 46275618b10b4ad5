package items

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Item is an item as it is stored.
type Item struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Version   int32     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
}

var (
	errNotFound = errors.New("no such item")
	errOutdated = errors.New("another version is current")
)

// timeout is for all that one request asks of the database.
const timeout = 1500 * time.Millisecond

const columns = "id, name, version, created_at"

// Store keeps items.
type Store struct {
	pool *pgxpool.Pool
}

// NewStore returns a store of items in a database.
func NewStore(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool}
}

func (s *Store) create(ctx context.Context, name string) (Item, error) {
	return s.one(ctx, "INSERT INTO items (name) VALUES ($1) RETURNING "+columns, name)
}

func (s *Store) read(ctx context.Context, id int64) (Item, error) {
	return s.one(ctx, "SELECT "+columns+" FROM items WHERE id = $1", id)
}

func (s *Store) delete(ctx context.Context, id int64) (Item, error) {
	return s.one(ctx, "DELETE FROM items WHERE id = $1 RETURNING "+columns, id)
}

// change fails with errOutdated if the item was changed since that version.
func (s *Store) change(ctx context.Context, id int64, name string, version int32) (Item, error) {
	const update = "UPDATE items SET name = $2, version = version + 1 WHERE id = $1 AND version = $3 RETURNING " + columns
	item, err := s.one(ctx, update, id, name, version)
	if errors.Is(err, errNotFound) {
		if item, err = s.read(ctx, id); err == nil {
			err = errOutdated
		}
	}
	return item, err
}

// list returns items after one, oldest first.
func (s *Store) list(ctx context.Context, after int64, limit int) ([]Item, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	rows, err := s.pool.Query(ctx, "SELECT "+columns+" FROM items WHERE id > $1 ORDER BY id LIMIT $2", after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

func (s *Store) one(ctx context.Context, statement string, arguments ...any) (Item, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	item, err := scan(s.pool.QueryRow(ctx, statement, arguments...))
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNotFound
	}
	return item, err
}

func scan[R pgx.Row](row R) (Item, error) {
	var item Item
	err := row.Scan(&item.ID, &item.Name, &item.Version, &item.CreatedAt)
	item.CreatedAt = item.CreatedAt.UTC()
	return item, err
}
