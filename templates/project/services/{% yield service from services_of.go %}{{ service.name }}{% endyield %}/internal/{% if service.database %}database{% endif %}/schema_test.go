package database

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
)

func TestRevisionsAreNumberedWithoutGapsFromOne(t *testing.T) {
	names, err := fs.Glob(migrations(), "*")
	if err != nil {
		t.Fatal(err)
	}
	for at, name := range names {
		number, err := goose.NumericComponent(name)
		if err != nil {
			t.Fatal(err)
		}
		if number != int64(at+1) {
			t.Errorf("%s stands where revision %d is due", name, at+1)
		}
	}
	if got := newest(); got != int64(len(names)) {
		t.Errorf("the newest revision is %d, want %d", got, len(names))
	}
}

func TestUnreachableIsADatabaseThatGivesNoAnswerOfItsOwn(t *testing.T) {
	for err, want := range map[error]bool{
		nil:                            false,
		errors.New("lost"):             true,
		pgx.ErrNoRows:                  false,
		&pgconn.PgError{Code: "57P01"}: true,
		&pgconn.PgError{Code: "53300"}: true,
		&pgconn.PgError{Code: "42P01"}: false,
	} {
		if got := Unreachable(err); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}
