#!/bin/bash
# We and what mail servers look lists up with, measured in the same run.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. examples/packages.sh

PACKAGES=("${BUILD_PACKAGES[@]}" check libsubunit-dev python3 python3-cffi
          python3-jsonschema python3-yaml libcdb-dev libnss-wrapper libdb5.3
          libgnutls-dane0 libicu72 libidn12 libnsl2 libsasl2-2 libssl3)
# They conflict with each other, so they are not installed but unpacked.
UNPACKED=(postfix postfix-cdb exim4-daemon-light)
PEERS=build/peers
BUILD=build/release

usage() {
    cat <<'END'
usage: tests/bench/peers.sh [--quick] [--json] [PEER...]

Installs what is missing (Debian packages), unpacks Postfix and Exim in
build/peers, builds a release in build/release, and prints how long each look-up
takes there and here.  Takes about five minutes; --quick stays with short lists.

  cidr cidr6  Postfix, networks
  exim        Exim's match_ip, networks
  hash cdb    Postfix, whole mailboxes
  tinycdb     the library, whole mailboxes
END
}

# unpack PACKAGE
unpack() {
    [ -e "$PEERS/$1.unpacked" ] && return 0
    rm -f "$PEERS/$1"_*.deb
    (cd "$PEERS" && apt-get download -q "$1") >"$PEERS/$1.log" 2>&1 ||
        { cat "$PEERS/$1.log" >&2; return 1; }
    dpkg-deb -x "$PEERS/$1"_*.deb "$PEERS" && touch "$PEERS/$1.unpacked"
}

build() {
    if [ ! -f "$BUILD/build.ninja" ]; then
        meson setup "$BUILD" --buildtype=release -Db_lto=true || return 1
    fi
    ninja -C "$BUILD" -j 2 &&
        gcc -std=gnu11 -D_GNU_SOURCE -O3 -Wall -Wextra -Werror \
            -o "$PEERS/peer_cdb" tests/bench/peer_cdb.c \
            tests/bench/measure.c -lcdb -lm
}

main() {
    local name
    case ${1-} in
    -h | --help)
        usage
        return 0
        ;;
    esac
    mkdir -p "$PEERS" || return 1
    install_missing "${PACKAGES[@]}" >&2 || return 1
    for name in "${UNPACKED[@]}"; do
        unpack "$name" || return 1
    done
    # No set-user-id program is left lying about.
    find "$PEERS" -type f -perm /6000 -exec chmod ug-s {} +
    build >"$PEERS/build.log" 2>&1 || { tail "$PEERS/build.log" >&2; return 1; }
    /usr/bin/python3 tests/bench/peers.py --programs "$BUILD/tests/bench" \
        --peers "$PEERS" --build "$(gcc --version | head -n 1), release" "$@"
}

main "$@"
