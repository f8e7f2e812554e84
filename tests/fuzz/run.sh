#!/bin/bash
# The fuzz targets with libFuzzer: a smoke of all, or a long run of one.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

TARGETS=(mailbox domain entry list_file report policy image batch log smtp
         session dns)
SECONDS_EACH=14
PLAIN=build/fuzz-plain # for the numbers
CHECKED=build/fuzz     # with AddressSanitizer and UndefinedBehaviorSanitizer
CORPUS=build/fuzz-corpus

usage() {
    cat <<'END'
usage: tests/fuzz/run.sh --smoke [TARGET...]
       tests/fuzz/run.sh --long TARGET [--plain] [OPTION OF libFuzzer...]

--smoke  runs every target, or those named, for 14 seconds with
         AddressSanitizer and UndefinedBehaviorSanitizer
--long   runs one until it is stopped, or as often as -runs=N says, and prints
         the executions reached; with --plain without the sanitizers and the
         tracing of comparisons, which is several times as fast

TARGET is one of: mailbox domain entry list_file report policy image batch log
smtp session dns.  Needs clang with its libFuzzer.  Builds in build/fuzz*, keeps what
it finds worth keeping in build/fuzz-corpus/TARGET, and leaves an input that
fails there as crash-*, to be put into tests/fuzz/regressions/TARGET.  The last
line is `N passed, M failed`.
END
}

# build FOLDER SANITIZERS
build() {
    # Traced comparisons find new paths, but cost three quarters of the time.
    local fast=()
    [ "$2" = none ] && fast=(-Dc_args=-fno-sanitize-coverage=trace-cmp)
    if [ ! -f "$1/build.ninja" ]; then
        CC=clang meson setup "$1" -Dfuzz=true -Db_lundef=false \
            -Dbuildtype=debugoptimized -Db_sanitize="$2" "${fast[@]}" || return
    fi
    # shellcheck disable=SC2046 # names of ninja's have no blanks
    ninja -C "$1" -j 2 $(printf 'tests/fuzz/fuzz_%s ' "${TARGETS[@]}")
}

# Lengths beyond which there is nothing new, and a dictionary.
options_of() {
    case $1 in
    mailbox) echo -max_len=560 -dict=tests/fuzz/addresses.dict ;;
    domain | entry) echo -max_len=300 -dict=tests/fuzz/addresses.dict ;;
    list_file) echo -max_len=1000 -dict=tests/fuzz/addresses.dict ;;
    policy) echo -max_len=4096 -dict=tests/fuzz/policy.dict ;;
    image) echo -max_len=128 -entropic=0 ;;
    *) echo -max_len=1000 ;;
    esac
}

# fuzz FOLDER TARGET [OPTION...]
fuzz() {
    local folder=$1 target=$2 corpus=$CORPUS/$2
    shift 2
    mkdir -p "$corpus" &&
        /usr/bin/python3 tests/fuzz/seeds.py "$target" "$corpus-seeds" || return
    # shellcheck disable=SC2046 # one option a word
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        "$folder/tests/fuzz/fuzz_$target" $(options_of "$target") -timeout=20 \
        -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$CORPUS/$target-" "$@" "$corpus" "$corpus-seeds"
}

smoke() {
    local passed=0 failed=0 target log
    [ $# = 0 ] && set -- "${TARGETS[@]}"
    build "$CHECKED" address,undefined || exit 1
    for target; do
        mkdir -p "$CORPUS"
        log=$CORPUS/$target.log
        if fuzz "$CHECKED" "$target" -max_total_time=$SECONDS_EACH &>"$log"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            tail -n 30 "$log"
        fi
        echo "$target: $(grep -a '^stat::number_of_executed_units' "$log" |
            tr -dc '0-9') executions"
    done
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
}

long() {
    local target=$1 folder=$CHECKED sanitizers=address,undefined
    shift
    if [ "$1" = --plain ]; then
        folder=$PLAIN sanitizers=none
        shift
    fi
    build "$folder" "$sanitizers" && fuzz "$folder" "$target" "$@"
}

is_target() {
    [[ " ${TARGETS[*]} " == *" $1 "* ]]
}

mode=$1
shift
case $mode in
--help | -h) usage ;;
--smoke)
    for target; do is_target "$target" || { usage >&2 && exit 2; }; done
    smoke "$@"
    ;;
--long)
    is_target "$1" || { usage >&2 && exit 2; }
    long "$@"
    ;;
*)
    usage >&2
    exit 2
    ;;
esac
