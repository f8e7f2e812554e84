#!/bin/bash
# Instructions per step of a decision, by callgrind: the difference of two runs
# that repeat the step a different number of times.  Unlike times they are the
# same on an idle machine and on a busy one.
#
# usage: instructions.sh [--json] DECISIONS [ENTRIES...]
#
# DECISIONS is the benchmark program of that name.

STEPS=(connect +name auth mail rcpt whole check)
STEPS_A_REPEAT=4096
LESS=1 MORE=3
JSON=

directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT

# total STEP ENTRIES REPEAT: the instructions of a whole run
total() {
    valgrind --tool=callgrind --callgrind-out-file="$directory/out" \
        "$program" --run "$1" --entries "$2" --repeat "$3" \
        >"$directory/log" 2>&1 || { cat "$directory/log" >&2; return 1; }
    sed -n 's/^\(summary\|totals\): *//p' "$directory/out" | head -n 1
}

# instructions STEP ENTRIES
instructions() {
    local less more
    less=$(total "$1" "$2" $LESS) && more=$(total "$1" "$2" $MORE) || return 1
    echo $(((more - less) / (STEPS_A_REPEAT * (MORE - LESS))))
}

print_head() {
    [ -z "$JSON" ] || { printf '['; return; }
    echo 'instructions per step, 6 rules, uniform, half hits'
    printf '%-26s' lists
    printf '%9s' "${STEPS[@]}"
    echo
}

# print_row ENTRIES SEPARATOR
print_row() {
    local step count
    if [ -n "$JSON" ]; then
        printf '%s\n{"lists": "%s x 6"' "$2" "$1"
    else
        printf '%-26s' "$1 x 6"
    fi
    for step in "${STEPS[@]}"; do
        count=$(instructions "$step" "$1") || exit 1
        if [ -n "$JSON" ]; then
            printf ', "%s": %d' "$step" "$count"
        else
            printf '%9d' "$count"
        fi
    done
    [ -n "$JSON" ] && printf '}' || echo
}

main() {
    local entries separator=
    if [ "${1-}" = --json ]; then
        JSON=1
        shift
    fi
    program=${1:?usage: instructions.sh [--json] DECISIONS [ENTRIES...]}
    shift
    [ $# -gt 0 ] || set -- 10 1000 100000
    print_head
    for entries; do
        print_row "$entries" "$separator"
        separator=,
    done
    [ -z "$JSON" ] || printf '\n]\n'
}

main "$@"
