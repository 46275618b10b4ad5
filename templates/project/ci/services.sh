# shellcheck shell=sh
# What the other scripts share: which services are built here, and how. They read it; it does nothing by itself.

LC_ALL=C
export LC_ALL

refuse() {
  printf '%s: %s\n' "$0" "$1" >&2
  exit 2
}

# The names of the services that have a Dockerfile, one per line.
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

# Stop with what $1 says, and the names to choose from.
choose() {
  names=$(services | paste -s -d ' ' -)
  [ -n "$names" ] || refuse "no service has a Dockerfile, so there is none to build"
  refuse "$1: $names"
}

# Stop unless $1 is one of them.
require_service() {
  for known in $(services); do
    [ "$known" != "$1" ] || return 0
  done
  choose "there is no service \"$1\" to build; choose from"
}

# Say whether the Dockerfile of service $1 has the stage $2.
has_stage() {
  awk -v stage="$2" '
    { sub(/\r$/, "") }
    toupper($1) == "FROM" && toupper($(NF - 1)) == "AS" && tolower($NF) == stage { found = 1 }
    END { exit !found }
  ' "services/$1/Dockerfile"
}

# The names of the arguments that the Dockerfile of service $1 declares.
arguments() {
  awk '
    { sub(/\r$/, "") }
    toupper($1) == "ARG" { for (i = 2; i <= NF; i++) { sub(/=.*/, "", $i); print $i } }
  ' "services/$1/Dockerfile"
}

# Build service $1; what follows goes to docker. Base images come from the environment where it names them, for machines
# that reach a mirror only: BASE_IMAGE=mirror.example.com/debian:stable-slim, for a Dockerfile with ARG BASE_IMAGE.
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

# Print the version of service $1: the commit, with "-dirty" where its folder differs from that; "dev" without a commit.
version() {
  short=$(git rev-parse --quiet --verify HEAD 2>/dev/null | cut -c 1-12)
  if [ -n "$short" ] && [ -n "$(git status --porcelain -- "services/$1")" ]; then short=$short-dirty; fi
  printf '%s\n' "${short:-dev}"
}
