#!/bin/sh
# The steps of the official image's entrypoint, in its order and without any shortcut.
set -eu

if [ "$1" != postgres ]; then exec "$@"; fi

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  find "$PGDATA" ! -user postgres -exec chown postgres {} +
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?must be set}" "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"

  password=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" > "$password"
  initdb --username="$POSTGRES_USER" --pwfile="$password"
  rm "$password"
  printf '\nhost all all all %s\n' "$(postgres -C password_encryption)" >> "$PGDATA/pg_hba.conf"

  # Listens on its socket only, so that no client takes it for the server that follows.
  pg_ctl --options="-c listen_addresses=''" --wait start
  if [ "$POSTGRES_DB" != postgres ]; then
    echo 'CREATE DATABASE :"name";' |
      psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --set=name="$POSTGRES_DB" --username="$POSTGRES_USER" postgres
  fi
  pg_ctl --mode=fast --wait stop
fi

exec "$@"
