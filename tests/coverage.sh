#!/bin/bash
# How much of lib/ the tests run: lines, branches, conditions.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. examples/packages.sh

PACKAGES=("${BUILD_PACKAGES[@]}" check libsubunit-dev g++ python3
          python3-jsonschema python3-yaml python3-z3)
GCOV_PACKAGES=(gcovr)
MCDC_PACKAGES=(clang-19 llvm-19 libclang-rt-19-dev)
SUITES=(unit faults image property audit diff conformance command dns)
CORE=(net mail set image decide session)
PROCESSES=2
PYTHON=/usr/bin/python3
UNREACHED=tests/coverage.unreached
TABLE=tests/support/coverage_table.py

usage() {
    cat <<'END'
usage: tests/coverage.sh [gcov | mcdc]

Installs what is missing (Debian packages), builds the library to count what
runs, runs the unit, image, property, audit, diff, conformance, command and dns
tests, and prints for each folder of lib/, of lines, branches and conditions,
how many there are and how many the tests reach:

  gcov  gcc: lines and branches, and which of net, mail, set, image, decide
        and session are not reached (tests/coverage.unreached says why)
  mcdc  clang 19: modified condition/decision coverage

Both without an argument.  Everything is built in build/.
END
}

# Tests that build the library themselves are not counted, nor the one that has
# no memory left at a program's end, where gcov wants some.
run_tests() {
    local directory=$1 tests
    shift
    mapfile -t tests < <(meson test -C "$directory" --list "${@/#/--suite=}" \
        2>/dev/null | sed -n 's|^[^/]* / ||p' |
        grep -vxE '.*planted|out_of_memory' | sort -u)
    meson test -C "$directory" --no-rebuild --num-processes "$PROCESSES" \
        --timeout-multiplier 10 "${@/#/--suite=}" "${tests[@]}" \
        >"$directory/tests.log" 2>&1 && return
    grep -E 'FAIL|TIMEOUT|ERROR' "$directory/tests.log"
    echo "tests failed, see $directory/tests.log"
    return 1
}

configure() {
    local directory=$1
    shift
    rm -rf "$directory"
    meson setup "$directory" -Dbuildtype=debug -Doptimization=0 \
        -Dc_args="$*" -Dc_link_args="$*" >"$directory.log" 2>&1 &&
        ninja -C "$directory" -j "$PROCESSES" >>"$directory.log" 2>&1 &&
        return
    tail -n 40 "$directory.log"
    return 1
}

run_gcov() {
    local directory=build/coverage-gcov status=0
    install_missing "${GCOV_PACKAGES[@]}" || return 1
    configure "$directory" --coverage -fprofile-update=atomic || return 1
    run_tests "$directory" "${SUITES[@]}" || status=1
    gcovr -r . -f lib/ --json "$directory/coverage.json" "$directory" \
        2>"$directory/gcovr.log" || return 1
    "$PYTHON" "$TABLE" gcov "$directory/coverage.json" "$UNREACHED" \
        "${CORE[@]}" || status=1
    return $status
}

# Only what runs the library writes a profile worth merging.
run_mcdc() {
    local directory=build/coverage-mcdc status=0 objects=()
    install_missing "${MCDC_PACKAGES[@]}" || return 1
    export CC=clang-19 CXX=clang++-19
    # From here on: what meson runs to know the compiler writes a profile too.
    export LLVM_PROFILE_FILE=$PWD/$directory/profiles/%m-%p.profraw
    configure "$directory" -fprofile-instr-generate -fcoverage-mapping \
        -fcoverage-mcdc -fprofile-update=atomic || return 1
    run_tests "$directory" "${SUITES[@]}" || status=1
    find "$directory/profiles" -name '*.profraw' >"$directory/profiles.list"
    llvm-profdata-19 merge --sparse -f "$directory/profiles.list" \
        -o "$directory/all.profdata" || return 1
    # The exhaustive test has an evaluator of its own, of which it asks less.
    mapfile -t objects < <(find "$directory" -type f -perm -u+x \
        ! -name masks_exhaustive \
        \( -path '*/tests/*' -o -name 'libmayrelay.so*' \) -printf '-object\n%p\n')
    llvm-cov-19 export --summary-only -instr-profile "$directory/all.profdata" \
        "${objects[@]}" "$directory"/lib/libmayrelay.so.0.* \
        >"$directory/coverage.json" 2>"$directory/llvm-cov.log" || return 1
    "$PYTHON" "$TABLE" mcdc "$directory/coverage.json" || status=1
    return $status
}

main() {
    local status=0
    case ${1-} in
    -h | --help)
        usage
        return 0
        ;;
    '' | gcov | mcdc) ;;
    *)
        usage >&2
        return 64
        ;;
    esac
    install_missing "${PACKAGES[@]}" || return 1
    mkdir -p build
    if [ "${1-gcov}" = gcov ]; then
        run_gcov || status=1
    fi
    if [ "${1-mcdc}" = mcdc ]; then
        (run_mcdc) || status=1
    fi
    return $status
}

main "$@"
