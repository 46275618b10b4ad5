#!/bin/sh
# Lint the scripts and the Dockerfiles, which no service lints.
#
#   sh ci/lint.sh
#
# Uses shellcheck and hadolint, and skips a linter that is not installed.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

status=0

lint() {
  if command -v "$1" >/dev/null; then
    echo "$*"
    "$@" || status=1
  else
    echo "$1 is not installed: skipped" >&2
  fi
}

for script in ci/*.sh; do
  sh -n "$script" || status=1
done
lint shellcheck ci/*.sh
set -- services/*/Dockerfile
[ ! -f "$1" ] || lint hadolint "$@"
exit "$status"
