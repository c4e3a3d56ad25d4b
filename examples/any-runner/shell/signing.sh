#!/bin/sh
set -eu

node cli.ts Ada
if refusal=$(node cli.ts Ada 2>&1); then
  echo 'not ok - a guest has signed twice'
  exit 1
fi
case $refusal in
  *guest_name_key*) echo 'ok - a guest signs once' ;;
  *) echo "not ok - $refusal" && exit 1 ;;
esac
