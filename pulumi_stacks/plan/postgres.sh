# shellcheck shell=bash
# The password is set at every start and not only when the volume is new: an existing volume
# gets the current password of the stack. Single-user mode needs no listening server; it must be a direct child of this
# shell, or it takes the lock that a killed server left behind for that of a living one.
set -eu
case "$APP_PASSWORD" in
"" | *[!A-Za-z0-9]*) echo "APP_PASSWORD must be letters and digits" >&2 && exit 1 ;;
esac
query() {
  postgres --single -j -D "$1" -c exit_on_error=on -c log_min_error_statement=panic \
    postgres <<<"$2" >/dev/null
}
if [ ! -d "$PGDATA" ]; then
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username=postgres --encoding=UTF8 --data-checksums \
    --locale-provider=builtin --locale=C.UTF-8 \
    --auth-local=peer --auth-host=scram-sha-256 --no-instructions >/dev/null
  query "$PGDATA.new" $'CREATE ROLE app LOGIN;\n\nCREATE DATABASE app OWNER app;\n\n'
  sync
  mv "$PGDATA.new" "$PGDATA"
fi
printf '%s\n' "local all postgres peer" "host app app all scram-sha-256" >"$PGDATA/pg_hba.conf"
query "$PGDATA" "ALTER ROLE app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '$APP_PASSWORD';"
unset APP_PASSWORD
exec postgres -D "$PGDATA" -c "listen_addresses=*"
