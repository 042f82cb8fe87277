#!/usr/bin/env bash
# Installs the programs that the interop tests run: real clients of other people. Debian and its kin; needs root or sudo.
set -euo pipefail

packages=(cups-client cups-ipp-utils curl openssl)
programs=(lpstat ipptool curl openssl)

missing=0
for program in "${programs[@]}"; do
  command -v "$program" > /dev/null || missing=1
done
[ "$missing" = 1 ] || exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q
$sudo apt-get install -q -y --no-install-recommends "${packages[@]}"
