# shellcheck shell=sh
# Shared functions of the other scripts: which services are built here, and how. To be sourced, not run.

LC_ALL=C
export LC_ALL
# Use the repository that contains this folder, also when a git hook runs the scripts.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_COMMON_DIR

refuse() {
  printf '%s: %s\n' "$0" "$1" >&2
  exit 2
}

# Print the names of the services with a Dockerfile, one per line.
services() {
  for file in services/*/Dockerfile; do
    [ -f "$file" ] || continue
    name=${file#services/}
    name=${name%/Dockerfile}
    case $name in
      -* | *[!a-z0-9-]*) refuse "services/$name: choose a name of a-z, 0-9 and -" ;;
    esac
    printf '%s\n' "$name"
  done
}

# Exit with the message $1 and the names of all services.
choose() {
  names=$(services | paste -s -d ' ' -)
  [ -n "$names" ] || refuse "no service has a Dockerfile, so there is nothing to build"
  refuse "$1: $names"
}

# Exit unless $1 is one of them.
require_service() {
  for known in $(services); do
    [ "$known" != "$1" ] || return 0
  done
  choose "no service \"$1\" to build; choose from"
}

# Check whether the Dockerfile of service $1 has the stage $2.
has_stage() {
  awk -v stage="$2" '
    { sub(/\r$/, "") }
    toupper($1) == "FROM" && toupper($(NF - 1)) == "AS" && tolower($NF) == stage { found = 1 }
    END { exit !found }
  ' "services/$1/Dockerfile"
}

# Print the names of the build arguments in the Dockerfile of service $1.
arguments() {
  awk '
    { sub(/\r$/, "") }
    toupper($1) == "ARG" { for (i = 2; i <= NF; i++) { sub(/=.*/, "", $i); print $i } }
  ' "services/$1/Dockerfile"
}

# Build service $1 with the other arguments for docker. Variables of the environment can replace base images, for machines
# that can only use a mirror: BASE_IMAGE=mirror.example.com/debian:stable-slim, for a Dockerfile with ARG BASE_IMAGE.
build() {
  service=$1
  shift
  for argument in $(arguments "$service"); do
    case $argument in
      *[!A-Za-z0-9_]*) ;;
      *_IMAGE) [ -z "$(printenv "$argument")" ] || set -- "$@" --build-arg "$argument" ;;
    esac
  done
  docker build "$@" "services/$service"
}

# Print the commit; nothing without a repository or before its first commit. Exit if git cannot read the repository.
commit() {
  command -v git >/dev/null || return 0
  if found=$(git rev-parse --git-dir 2>&1); then
    git rev-parse --quiet --verify HEAD || true
  else
    case $found in
      *"not a git repository"*) ;;
      *) refuse "$found" ;;
    esac
  fi
}

# Print the date of the commit in format $1. Log settings of users do not affect rev-list.
dated() {
  TZ=UTC0 git rev-list --max-count=1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format="$1" HEAD | tail -n 1
}

# Print the version of service $1: the commit, with "-dirty" if its folder differs from it; "dev" without a commit.
version() {
  short=$(commit) || exit
  short=$(printf '%.12s' "$short")
  if [ -n "$short" ] && [ -n "$(changes "services/$1")" ]; then short=$short-dirty; fi
  printf '%s\n' "${short:-dev}"
}

changes() {
  git -c core.fsmonitor=false status --porcelain --untracked-files=normal -- "$1"
}
