#!/bin/sh
# Starts Redis with Mayfly's settings, before any that are given as options or, with -, on standard input.
# A settings file of your own replaces them.
set -eu

settings=/usr/local/share/mayfly/redis.conf

case "${1:--}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
case "$1" in
  redis-server | valkey-server) ;;
  *) exec "$@" ;;
esac

server=$1
shift
case "${1:-}" in
  -v | --version | -h | --help) exec "$server" "$@" ;;
  # Redis takes - only as the first argument or the last.
  -) shift && exec "$server" "$settings" "$@" - ;;
  -* | '') exec "$server" "$settings" "$@" ;;
  *) exec "$server" "$@" ;;
esac
