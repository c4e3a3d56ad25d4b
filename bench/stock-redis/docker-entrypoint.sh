#!/bin/sh
set -eu

if [ "$1" != redis-server ]; then exec "$@"; fi

find . ! -user redis -exec chown redis {} +
# The official image is compiled with protected mode off.
exec setpriv --reuid=redis --regid=redis --clear-groups -- "$@" --protected-mode no
