#!/bin/sh
set -eu

node cli.ts Ada
node cli.ts Grace
page=$(node cli.ts)
if [ "$page" != 'Ada, Grace' ]; then
  echo "not ok - the page is '$page'"
  exit 1
fi
echo 'ok - the page is up to date'
