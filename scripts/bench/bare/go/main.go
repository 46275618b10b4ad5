// The same two queries with net/http and pgx and nothing else.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const columns = "id, name, version, created_at"

type item struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Version   int32     `json:"version"`
	CreatedAt time.Time `json:"created_at"`
}

type page struct {
	Items      []item  `json:"items"`
	NextCursor *string `json:"next_cursor"`
}

type server struct {
	pool *pgxpool.Pool
}

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 10
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	s := server{pool}
	http.HandleFunc("GET /items", s.list)
	http.HandleFunc("GET /items/{item_id}", s.read)
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func (s server) list(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, limit := 0, 20
	var err error
	if text := query.Get("cursor"); text != "" {
		if after, err = strconv.Atoi(text); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	const selection = "SELECT " + columns + " FROM items WHERE id > $1 ORDER BY id LIMIT $2"
	rows, err := s.pool.Query(r.Context(), selection, after, limit+1)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	items, err := pgx.CollectRows(rows, scan)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	found := page{Items: items}
	if len(items) > limit {
		found.Items = items[:limit]
		cursor := strconv.FormatInt(items[limit-1].ID, 10)
		found.NextCursor = &cursor
	}
	write(w, found)
}

func (s server) read(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("item_id"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	row := s.pool.QueryRow(r.Context(), "SELECT "+columns+" FROM items WHERE id = $1", id)
	found, err := scan(row)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	write(w, found)
}

func scan[R pgx.Row](row R) (item, error) {
	var found item
	err := row.Scan(&found.ID, &found.Name, &found.Version, &found.CreatedAt)
	return found, err
}

func write(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}
