#!/bin/sh
# Starts Postgres from the seed in the image. The first start of a data directory makes true:
#   POSTGRES_PASSWORD  required
#   POSTGRES_USER      a superuser; default postgres
#   POSTGRES_DB        a database; default the name of the user
set -eu

seed=/usr/local/share/mayfly/seed.tar
fresh=$PGDATA/mayfly-fresh
newline='
'

fail() {
  printf 'mayfly-postgres: %s\n' "$1" >&2
  exit 1
}

as_postgres() {
  if command -v gosu > /dev/null; then exec gosu postgres "$@"; fi
  if command -v su-exec > /dev/null; then exec su-exec postgres "$@"; fi
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
}

read_environment() {
  : "${POSTGRES_PASSWORD:=}" "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"
  if [ -z "$POSTGRES_PASSWORD" ]; then
    fail 'no password for the superuser: set POSTGRES_PASSWORD'
  fi
  # A newline ends a statement in single-user mode.
  case "$POSTGRES_PASSWORD$POSTGRES_USER$POSTGRES_DB" in
    *"$newline"*) fail 'POSTGRES_PASSWORD, POSTGRES_USER and POSTGRES_DB must each be one line' ;;
  esac
}

# Prints $2 with every $1 twice, which is how SQL quotes a quote.
double() {
  printf '%s' "$2" | sed "s/$1/&&/g"
}

statements() {
  password=$(double "'" "$POSTGRES_PASSWORD")
  user=$(double '"' "$POSTGRES_USER")
  database=$(double '"' "$POSTGRES_DB")

  if [ "$POSTGRES_USER" = postgres ]; then
    printf "ALTER ROLE postgres PASSWORD '%s';\n" "$password"
  else
    printf "CREATE ROLE \"%s\" LOGIN SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS PASSWORD '%s';\n" \
      "$user" "$password"
  fi
  if [ "$POSTGRES_DB" != postgres ]; then
    printf 'CREATE DATABASE "%s" OWNER "%s";\n' "$database" "$user"
  fi
}

# Single-user mode is faster than a second start of the server,
# and no port is open until the password is set.
apply() {
  postgres --single -c exit_on_error=on -c log_min_error_statement=panic \
    -c shared_buffers=1MB -c max_connections=10 \
    postgres > /dev/null
}

case "${1:--}" in
  -*) set -- postgres "$@" ;;
esac
if [ "$1" != postgres ]; then exec "$@"; fi
case "${2:-}" in
  -V | --version | '-?' | --help | --describe-config) exec "$@" ;;
esac

# The kernel drops a signal that process 1 has no handler for.
trap 'exit 143' TERM INT

if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 0700 "$PGDATA"
  as_postgres "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  tar -xf "$seed" -C "$PGDATA"
  : > "$fresh"
fi
if [ -e "$fresh" ]; then
  read_environment
  statements | apply
  rm "$fresh"
fi

unset POSTGRES_PASSWORD
exec "$@"
