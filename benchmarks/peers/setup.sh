#!/bin/sh
# Fetch GoAccess and CrowdSec as Debian packages them, and unpack them into a folder. Nothing is installed.
#
#   benchmarks/peers/setup.sh DIR
#
# CrowdSec's package asks its central service while it is installed, and fails where it cannot; unpacked, it asks
# nobody. Exit code 3, with a sentence on standard error, where apt or its archive is out of reach.
set -eu
into=$1
packages="goaccess crowdsec libmaxminddb0 libncursesw6 libtinfo6 libsqlite3-0"

skip() {
  echo "The peers are left out: $1." >&2
  exit 3
}

[ -x "$into/root/usr/bin/crowdsec" ] && [ -x "$into/root/usr/bin/goaccess" ] && exit 0
command -v apt-get >/dev/null || skip "there is no apt here"
command -v dpkg-deb >/dev/null || skip "there is no dpkg here"
mkdir -p "$into/packages" "$into/root"
cd "$into/packages"
# shellcheck disable=SC2086
apt-get download $packages >apt.log 2>&1 || skip "apt cannot fetch their packages (try apt-get update): $(tail -n 1 apt.log)"
for package in *.deb; do
  dpkg-deb -x "$package" ../root
  dpkg-deb -f "$package" Package Version | tr '\n' ' ' | sed 's/Package: //; s/ Version:/:/; s/ $/\n/'
done >../versions
rm -f -- *.deb
