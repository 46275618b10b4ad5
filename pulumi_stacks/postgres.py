"""How a database starts: Postgres 17, unprivileged, on a volume that may already hold rows. Pure."""

from __future__ import annotations

USER = "999:999"
PORT = 5432
# One database server per service, so its role and its database need no name of their own.
ROLE = "app"
PASSWORD_VARIABLE = "APP_PASSWORD"

# The volume lies above the data directory, so that initdb prepares a sibling, renamed when complete.
# The image declares a volume at `data`: a small tmpfs keeps the engine from making an anonymous one.
VOLUME_PATH = "/var/lib/postgresql"
DATA_PATH = "/var/lib/postgresql/17/data"
TMPFS = (
    ("/tmp", "size=64m,mode=1777"),  # noqa: S108
    ("/var/lib/postgresql/data", "size=64k,mode=0700,uid=999,gid=999"),
    ("/var/run/postgresql", "size=1m,mode=0770,uid=999,gid=999"),
)

READY = ("CMD", "pg_isready", "--quiet", "--host=127.0.0.1", f"--username={ROLE}", f"--dbname={ROLE}")

# The password is set at every start and not only when the volume is new: a kept volume answers to the
# password of today's stack. Single-user mode needs no listening server; it must be a direct child of this
# shell, or it takes the lock that a killed server left behind for that of a living one.
_START = """\
set -eu
case "$APP_PASSWORD" in
"" | *[!A-Za-z0-9]*) echo "APP_PASSWORD must be letters and digits" >&2 && exit 1 ;;
esac
query() {
	postgres --single -j -D "$1" -c exit_on_error=on -c log_min_error_statement=panic \\
		postgres <<<"$2" >/dev/null
}
if [ ! -d "$PGDATA" ]; then
	rm -rf "$PGDATA.new"
	initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 --data-checksums \\
		--locale-provider=builtin --locale=C.UTF-8 \\
		--auth-local=peer --auth-host=scram-sha-256 --no-instructions >/dev/null
	query "$PGDATA.new" $'CREATE ROLE app LOGIN;\\n\\nCREATE DATABASE app OWNER app;\\n\\n'
	sync
	mv "$PGDATA.new" "$PGDATA"
fi
printf '%s\\n' "local all postgres peer" "host app app all scram-sha-256" >"$PGDATA/pg_hba.conf"
query "$PGDATA" "ALTER ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '$APP_PASSWORD';"
unset APP_PASSWORD
exec postgres -D "$PGDATA" -c "listen_addresses=*"
"""
COMMAND = ("bash", "-c", _START)
