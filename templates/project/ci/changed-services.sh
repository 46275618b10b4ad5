#!/bin/sh
# Print a JSON list of the services to test: those that differ between the commit BASE and HEAD.
#
#   sh ci/changed-services.sh [BASE]         on a branch: sh ci/changed-services.sh "$(git merge-base main HEAD)"
#
# An image is built only from its own folder, so only these files count as a change:
# - a file in the folder of a service: that service;
# - ci/, the pipelines, .gitattributes: all services, because these define how services are tested and built.
# It also prints all services if BASE cannot be used: it is missing, it is not in this clone, or it is not an ancestor of
# HEAD (a force push). Documents, infra/ and cn.yaml do not change an image; removed services are not tested.
#
# An entry is one name. With more than 200 services, an entry is several names, separated by spaces, because a matrix has
# at most 256 jobs.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
# shellcheck source=ci/services.sh
. ci/services.sh

base=${1-}
limit=200

say() {
  printf '%s: %s\n' "$0" "$1" >&2
}

# Everything except "no difference" counts as a difference, including a failure of git.
differs() {
  ! git diff-tree -r --quiet "$base" HEAD -- "$@"
}

# Print why all services must be tested; nothing if BASE can be used.
everything() {
  case $base in
    *[!0]*) ;;
    *)
      echo "no base was given"
      return
      ;;
  esac
  if ! said=$(git rev-parse --git-dir 2>&1); then
    echo "$said"
  elif ! git rev-parse --quiet --verify "$base^{commit}" >/dev/null 2>&1; then
    echo "the base $base is not in this clone"
  elif ! git merge-base --is-ancestor "$base" HEAD; then
    echo "HEAD does not come after the base $base"
  elif differs ci .github .gitlab .gitlab-ci.yml .gitattributes; then
    echo "ci/, a pipeline or .gitattributes changed"
  fi
}

changed() {
  for service in $all; do
    if differs "services/$service"; then
      printf '%s\n' "$service"
    fi
  done
}

all=$(services)
reason=$(everything)
if [ -n "$reason" ]; then
  say "all services: $reason"
  names=$all
else
  names=$(changed)
  say "since $base: $(printf '%s' "${names:-no service}" | tr '\n' ' ')"
fi

# shellcheck disable=SC2086 # names hold neither spaces nor wildcards
set -- $names
if [ $# -eq 0 ]; then
  echo "[]"
else
  size=$((($# + limit - 1) / limit))
  printf '[%s]\n' "$(printf '%s\n' "$@" | xargs -n "$size" | sed 's/.*/"&"/' | paste -s -d , -)"
fi
