#!/bin/sh
# Lint what no service lints by itself: the scripts and the Dockerfiles.
#
#   sh ci/lint.sh
#
# Uses shellcheck and hadolint; one that is not installed is named and left out.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

status=0

lint() {
  if command -v "$1" >/dev/null; then
    echo "$*"
    "$@" || status=1
  else
    echo "$1 is not installed: left out" >&2
  fi
}

for script in ci/*.sh; do
  sh -n "$script" || status=1
done
lint shellcheck ci/*.sh
set -- services/*/Dockerfile
[ ! -f "$1" ] || lint hadolint "$@"
exit "$status"
