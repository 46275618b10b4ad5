#!/bin/sh
# Write a password into .env for every database of compose.yaml that has none there yet.
#
#   ci/secrets.sh [COPY]
#
# COPY is a number from 1 to 99. Each copy of the system on one engine has a name, a port and addresses of its own:
# with it they are written too.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."
umask 077

refuse() {
  printf '%s\n' "$1" >&2
  exit 2
}

copy=${1-}
case $copy in
  "" | [1-9] | [1-9][0-9]) ;;
  *) refuse "COPY=$copy: choose a number from 1 to 99, such as \`make secrets COPY=2\`" ;;
esac

# What compose.yaml takes for the variable $1 where .env has none.
default() {
  sed -n "s/^[^#]*\${$1:-\([a-z0-9.-]*\)}.*/\1/p" compose.yaml | head -n 1
}

# Whether .env has the variable $1, with the value $2 if that is given.
has() {
  grep -Eq "^(export +)?$1=${2-.}" .env
}

touch .env
chmod 600 .env
# A last line without its end would run into the next one.
if [ -n "$(tail -c 1 .env)" ]; then echo >>.env; fi

if [ -n "$copy" ]; then
  project=$(sed -n 's/^name: *//p' compose.yaml)
  block=$(default NETWORK_BLOCK)
  case $block in
    *.*) ;;
    *) refuse "COPY=$copy: the networks of this system take all of $block.*, which leaves no addresses for a copy" ;;
  esac
  if ! has COMPOSE_PROJECT_NAME "${project}_$copy\$"; then
    grep -Ev '^(export +)?(COMPOSE_PROJECT_NAME|GATEWAY_PORT|NETWORK_BLOCK)=' .env >.env.new || [ $? -eq 1 ]
    {
      echo "COMPOSE_PROJECT_NAME=${project}_$copy"
      echo "GATEWAY_PORT=$(($(default GATEWAY_PORT) + 100 * (copy - 1)))"
      echo "NETWORK_BLOCK=10.$(((${block#*.} - 4 + copy - 1) % 252 + 4))"
    } >>.env.new
    mv .env.new .env
  fi
  port=$(sed -n 's/^GATEWAY_PORT=//p' .env)
  echo "docker compose runs ${project}_$copy here; its gateway answers on http://127.0.0.1:${port:-$(default GATEWAY_PORT)}"
fi

# shellcheck disable=SC2016 # the dollar is meant
wanted=$(sed -n 's/^ *APP_PASSWORD: ${\([A-Z0-9_]*\):?.*/\1/p' compose.yaml | sort -u)
for name in $wanted; do
  if ! has "$name"; then
    echo "$name=$(od -An -N 24 -t x1 /dev/urandom | tr -d ' \n')" >>.env
    echo "$name is in .env now"
  fi
done
