#!/bin/sh
# Lint and test one service in its own image: build the stage `test` of its Dockerfile.
#
#   sh ci/test.sh SERVICE
#
# Without this stage there is nothing to test. Variables named …_IMAGE set base images: see ci/services.sh.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
# shellcheck source=ci/services.sh
. ci/services.sh

[ $# -eq 1 ] || choose "name one service"
require_service "$1"
if has_stage "$1" test; then
  build "$1" --target test
else
  echo "$1: services/$1/Dockerfile has no stage \"test\", so there is nothing to test"
fi
