#!/bin/sh
# Write a password to .env for every database of compose.yaml that has none yet.
#
#   ci/secrets.sh [COPY]
#
# COPY is a number from 1 to 99. Each copy of the system on one engine needs another name, port and network addresses;
# with COPY the script writes these too.
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

# Print the default of the variable $1 in compose.yaml.
default() {
  sed -n "s/^[^#]*\${$1:-\([a-z0-9.-]*\)}.*/\1/p" compose.yaml | head -n 1
}

# Check whether .env has the variable $1, with the value $2 if given.
has() {
  grep -Eq "^(export +)?$1=${2-.}" .env
}

touch .env
chmod 600 .env
# Without a newline at the end, the next line would be appended to the last one.
if [ -n "$(tail -c 1 .env)" ]; then echo >>.env; fi

if [ -n "$copy" ]; then
  project=$(sed -n 's/^name: *//p' compose.yaml)
  block=$(default NETWORK_BLOCK)
  case $block in
    *.*) ;;
    *) refuse "COPY=$copy: the networks of this system use all of $block.*, so there are no addresses for a copy" ;;
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
  echo "docker compose runs ${project}_$copy here; its gateway listens on http://127.0.0.1:${port:-$(default GATEWAY_PORT)}"
fi

# shellcheck disable=SC2016 # a literal dollar sign
wanted=$(sed -n 's/^ *APP_PASSWORD: ${\([A-Z0-9_]*\):?.*/\1/p' compose.yaml | sort -u)
for name in $wanted; do
  if ! has "$name"; then
    echo "$name=$(od -An -N 24 -t x1 /dev/urandom | tr -d ' \n')" >>.env
    echo "wrote $name to .env"
  fi
done
