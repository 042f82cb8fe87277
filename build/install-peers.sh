#!/usr/bin/env bash
# Installs the programs that the interop tests and the benchmarks run: real clients, servers and proxies of other people. Debian and its
# kin; needs root or sudo.
set -euo pipefail

packages=(apache2-bin caddy chromium cups-client cups-daemon cups-ipp-utils curl dbus-daemon default-jdk-headless golang-go haproxy nghttp2-client
  nginx-light nodejs openssl python3 redis-server squid tinyproxy varnish wget wrk)
programs=(apache2 caddy chromium lpstat cupsd ipptool ippeveprinter curl dbus-daemon go haproxy javac h2load nginx node openssl python3 redis-server squid
  tinyproxy varnishd wget wrk)

missing=0
for program in "${programs[@]}"; do
  command -v "$program" > /dev/null || [ -x "/usr/sbin/$program" ] || missing=1
done
[ "$missing" = 1 ] || exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive

# Several of them are services that a package starts: the tests start them themselves, with settings of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" > /dev/null
  $sudo chmod 755 "$policy"
  trap '$sudo rm -f "$policy"' EXIT
fi

$sudo apt-get update -q
$sudo apt-get install -q -y --no-install-recommends "${packages[@]}"
