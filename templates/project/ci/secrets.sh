#!/bin/sh
# Write a password into .env for every database of compose.yaml that has none there yet.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
umask 077
touch .env
chmod 600 .env
# A last line without its end would run into the next one.
if [ -n "$(tail -c 1 .env)" ]; then echo >>.env; fi

# shellcheck disable=SC2016 # the dollar is meant
wanted=$(sed -n 's/^ *APP_PASSWORD: ${\([A-Z0-9_]*\):?.*/\1/p' compose.yaml | sort -u)
for name in $wanted; do
  if ! grep -Eq "^(export +)?$name=." .env; then
    echo "$name=$(od -An -N 24 -t x1 /dev/urandom | tr -d ' \n')" >>.env
    echo "$name is in .env now"
  fi
done
