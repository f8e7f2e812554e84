#!/bin/bash
# Instructions per step of a decision, by callgrind.  Unlike times they are the
# same on an idle machine and on a busy one.
#
# usage: instructions.sh [--quick] DECISIONS
#
# DECISIONS is the benchmark program of that name.  Prints a table as all of
# them do, for report.py.

STEPS=(connect +name auth mail rcpt whole check)
STEPS_A_RUN=4096
# entries in each of six lists, and rules
SIZES=('10 6' '1000 6' '100000 6' '1000000 6' '1000 100' '1000 10000')
SIZES_QUICK=('1000 6')

directory=$(mktemp -d) || exit 1
trap 'rm -rf "$directory"' EXIT

# instructions STEP ENTRIES: of one step, without what comes before.
instructions() {
    local total
    valgrind --tool=callgrind --callgrind-out-file="$directory/out" \
        --collect-atstart=no --toggle-collect=transactions_run \
        "$program" --run "$1" --map "$directory" --entries "$2" \
        >"$directory/log" 2>&1 || { cat "$directory/log" >&2; return 1; }
    total=$(sed -n 's/^\(summary\|totals\): *//p' "$directory/out" | head -n 1)
    # None at all: the function that is counted has been inlined.
    [ "${total:-0}" -gt 0 ] && echo $((total / STEPS_A_RUN))
}

# print_row ENTRIES RULES
print_row() {
    local step count
    "$program" --write "$directory" --entries "$1" --rules "$2" || return 1
    printf '["%s x 6, %s rules"' "$1" "$2"
    for step in "${STEPS[@]}"; do
        count=$(instructions "$step" "$1") || return 1
        printf ', %d' "$count"
    done
    echo ']'
    rm -f "$directory"/*
}

main() {
    local size entries rules
    if [ "${1-}" = --quick ]; then
        SIZES=("${SIZES_QUICK[@]}")
        shift
    fi
    program=${1:?usage: instructions.sh [--quick] DECISIONS}
    printf '{"table": "%s", "columns": ["lists"' \
        'instructions per step, its reply composed; uniform, half hits'
    printf ', "%s"' "${STEPS[@]}"
    echo ']}'
    for size in "${SIZES[@]}"; do
        read -r entries rules <<<"$size"
        print_row "$entries" "$rules" || exit 1
    done
}

main "$@"
