#!/bin/bash
# Frama-C's Eva on code that reads hostile bytes: nothing undefined happens.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. examples/packages.sh

PACKAGES=(frama-c-base gcc libc6-dev)
DRIVERS=(provenance image range range_text domain address address_ipv4
         address_parts address_text)
WORK=build/eva
PASSED=0 FAILED=0

usage() {
    cat <<'END'
usage: tests/proofs/eva.sh [DRIVER...]

Installs Frama-C if it is missing (Debian's frama-c-base) and has its Eva
analyse tests/proofs/eva_DRIVER.c, which hands every input of some sizes to a
part of lib/; all drivers, or those named.  An alarm is something undefined that
Eva cannot exclude: a read outside, an overflow, a value never set.

  provenance     the reader of lib/image/provenance.c, 0 to 19 bytes
  image          what lib/image/image.c hands out of any bytes, by any number
  range          what is said of any ranges
  range_text     reading ranges from 0 to 11 octets, given any addresses
  domain         domain_parse on 0 to 2 octets, given any libidn2
  address        address_parse on 0 to 4 octets, and all of any addresses
  address_ipv4   dotted quads of 0 to 16 octets
  address_parts  groups in 0 to 45 octets, zones of 0 to 65, groups put together
  address_text   IPv6 addresses of 0 to 45 octets, given any groups

Prints the alarms of each; the last line is `N passed, N failed`.
END
}

# Sizes are as large as a few minutes allow.
describe() {
    SIZES=0
    local history=(-eva-interprocedural-history -eva-partition-history)
    local apart=(-eva-slevel-function main:100000)
    local text=lib/base/text.c output=tests/proofs/stubs/output.c found
    found=text_find:$(seq -s : 0 12),eva_memchr:full
    case $1 in
    provenance)
        SIZES=20 SOURCES=(lib/image/provenance.c lib/net/range.c)
        OPTIONS=(-eva-precision 3 -eva-split-return full "${history[@]}" 1)
        ;;
    image)
        SOURCES=(lib/image/image.c "$text")
        OPTIONS=(-eva-slevel 60 "${apart[@]}")
        ;;
    range)
        SOURCES=(lib/net/range.c lib/net/address.c "$output" "$text")
        OPTIONS=(-eva-precision 4)
        ;;
    range_text)
        SIZES=12 SOURCES=(lib/net/range.c "$output" "$text")
        found+=,address_parse:full,address_equal:full,text_number:full
        OPTIONS=(-eva-precision 8 -eva-split-return-function "$found"
                 "${history[@]}" 4)
        ;;
    domain)
        SIZES=3
        SOURCES=(lib/mail/domain.c tests/proofs/stubs/idn2.c "$text")
        found+=,add_ascii:full,add_converted:full,add_labels:full
        found+=,write_name:full,text_is_utf8:full
        OPTIONS=(-eva-precision 10 -eva-split-return-function "$found"
                 "${history[@]}" 6)
        ;;
    address)
        SIZES=5 SOURCES=(lib/net/address.c "$output" "$text")
        found+=,read_group:full,read_octet:full,read_groups:full
        OPTIONS=(-eva-precision 8 -eva-split-return-function "$found"
                 "${history[@]}" 4)
        ;;
    address_ipv4)
        SIZES=17 SOURCES=("$output" "$text")
        OPTIONS=(-eva-precision 8 "${history[@]}" 4
                 -eva-split-return-function read_octet:full,read_ipv4:full)
        ;;
    address_parts)
        SIZES=46 SOURCES=("$output" "$text")
        OPTIONS=(-eva-slevel 70 "${apart[@]}")
        ;;
    address_text)
        SIZES=16 SOURCES=("$output" "$text")
        OPTIONS=(-eva-slevel 60 "${apart[@]}"
                 -eva-use-spec read_ipv4,read_group
                 -eva-split-return-function text_find:full,eva_memchr:full)
        ;;
    esac
}

analyse() {
    local flags="-std=gnu11 -D_GNU_SOURCE -DSIZES=$SIZES"
    flags+=" -include tests/proofs/eva_builtins.h"
    flags+=" -Itests/proofs/stubs -Itests/proofs -Ilib -Iinclude"
    frama-c -machdep gcc_x86_64 -cpp-extra-args="$flags" -eva \
        -eva-no-show-progress -eva-msg-key=-initial-state,-final-states \
        "${OPTIONS[@]}" "tests/proofs/eva_$1.c" "${SOURCES[@]}"
}

run_driver() {
    local log=$WORK/$1.log alarms start=$SECONDS SIZES SOURCES OPTIONS
    describe "$1"
    analyse "$1" >"$log" 2>&1
    alarms=$(sed -nE 's/^ *([0-9]+) alarms? generated.*/\1/p' "$log")
    printf '%-13s %s alarms  (%d s)\n' "$1" "${alarms:-no result, not 0}" \
        $((SECONDS - start))
    # Besides: what a driver asserts, and what a contract requires.
    if [ "$alarms" = 0 ] && grep -q '^ *100% of the logical' "$log"; then
        PASSED=$((PASSED + 1))
    else
        FAILED=$((FAILED + 1))
        grep -A 2 -E '^\[eva:alarm\]|[Ee]rror|aborted|[1-9][0-9]* unknown' "$log" | sed 's/^/    /'
    fi
}

main() {
    local driver
    case ${1-} in
    -h | --help)
        usage
        return 0
        ;;
    esac
    for driver; do
        [[ " ${DRIVERS[*]} " == *" $driver "* ]] || { usage >&2; return 64; }
    done
    install_missing "${PACKAGES[@]}" || return 1
    mkdir -p "$WORK"
    for driver in "${@:-${DRIVERS[@]}}"; do
        run_driver "$driver"
    done
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}

main "$@"
