#!/bin/bash
# Everything that must hold before a change goes in.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. examples/packages.sh

PYTHON=/usr/bin/python3 # Debian's: the one that has cffi, jsonschema and yaml
PACKAGES=("${BUILD_PACKAGES[@]}" g++ clang libclang-rt-14-dev clang-format
          check libsubunit-dev libevent-dev valgrind luajit python3 python3-cffi
          python3-jsonschema python3-yaml python3-z3 binutils knot
          nmap iproute2 sasl2-bin libsasl2-modules libicu72 libnsl2 libdb5.3)
PACKAGES+=("${EXIM_LIBRARIES[@]}" openssl)
# For what is installed.
PACKAGES+=(mandoc systemd zsh abigail-tools libunistring-dev)
# For the milter, sendmail and OpenSMTPD.
PACKAGES+=(libmilter-dev m4 liblockfile1 libwrap0 libldap-2.5-0 libevent-2.1-7)
# For the audit's report in HTML.
PACKAGES+=(chromium python3-html5lib)
# For the bindings.
PACKAGES+=(python3-dev python3-pip python3-setuptools python3-wheel
           python3-pytest mypy cargo libsqlite3-dev sqlite3)
command -v npm >/dev/null || PACKAGES+=(nodejs npm)
OPTIONS=(-Dlibevent=enabled -Dmilter=enabled)
STAGES=(layers format static gcc bindings clang asan tsan valgrind mta)
ON_DEMAND=(package)
PROCESSES=2
PASSED=0 FAILED=0

usage() {
    cat <<'END'
usage: tests/run.sh [STAGE...]

Installs what is missing (Debian packages), builds, and runs all tests, or only
the stages named:

  layers    which file may include which, and what the library may not use
  format    clang-format
  static    gcc's analyzer, clang-tidy and cppcheck (tests/static.sh)
  gcc       gcc, warnings are errors; all tests
  bindings  the library from other languages (tests/bindings/run.py)
  clang     clang, warnings are errors; the unit and api tests
  asan      AddressSanitizer and UndefinedBehaviorSanitizer; all tests
  tsan      ThreadSanitizer; the tests with threads
  valgrind  the unit tests under valgrind
  mta       real mail servers (tests/mta/README.md)

and one that is run only if it is named, as it fetches a Debian:

  package   the Debian packages, lintian, and a fresh Debian 12 with them

Long runs, of which the tests have a short one each:

  tests/static.sh --deep clang-tidy
  tests/fuzz/run.sh --long TARGET
  build/gcc/tests/image/image_damage --random COUNT [SEED]
  build/gcc/tests/property/property_threads DECISIONS
  tests/bindings/run.py --sessions COUNT build/gcc [LANGUAGE...]

Everything is built in build/, where each stage leaves its log.  The last line
is `N passed, M failed`.
END
}

# count 'N passed, M failed'
count() {
    local passed failed
    read -r passed _ failed _ <<<"$1"
    [[ $passed =~ ^[0-9]+$ && $failed =~ ^[0-9]+$ ]] || passed=0 failed=1
    STAGE_PASSED=$((STAGE_PASSED + passed))
    STAGE_FAILED=$((STAGE_FAILED + failed))
}

# step COMMAND...: one thing that must succeed, counted as one test.
step() {
    if "$@"; then
        count "1 passed, 0 failed"
    else
        echo "FAILED: $*"
        count "0 passed, 1 failed"
        return 1
    fi
}

configure() {
    local directory=build/$1
    shift
    if [ -f "$directory/build.ninja" ]; then
        meson setup --reconfigure "$directory" "${OPTIONS[@]}" "$@"
    else
        rm -rf "$directory"
        meson setup "$directory" "${OPTIONS[@]}" "$@"
    fi
}

# build NAME [SETUP OPTION...]
build() {
    configure "$@" && ninja -C "build/$1" -j "$PROCESSES"
}

# run_tests NAME [OPTION OF meson test...]: builds what these tests need.
run_tests() {
    local logs=build/$1/meson-logs name=$1 status=0
    shift
    rm -f "$logs"/testlog*.json
    meson test -C "build/$name" --num-processes "$PROCESSES" \
        --print-errorlogs "$@" || status=$?
    count "$("$PYTHON" tests/support/count.py "$logs"/testlog*.json)"
    [ $status = 0 ] || [ $STAGE_FAILED != 0 ] || count "0 passed, 1 failed"
}

stage_layers() {
    step "$PYTHON" tests/layers.py
}

check_format() {
    find lib include examples tests \
        \( -name '*.c' -o -name '*.h' -o -name '*.cpp' -o -name '*.hpp' \) \
        -print0 |
        xargs -0 clang-format -n -Werror
}

stage_format() {
    step check_format
}

stage_static() {
    local tool
    for tool in gcc clang-tidy cppcheck; do
        step tests/static.sh "$tool"
    done
}

stage_gcc() {
    step build gcc -Dwerror=true && run_tests gcc
}

stage_bindings() {
    step build gcc -Dwerror=true || return
    local log=build/bindings.run
    "$PYTHON" tests/bindings/run.py build/gcc >"$log"
    cat "$log"
    count "$(tail -n 1 "$log")"
}

stage_clang() {
    export CC=clang CXX=clang++
    step build clang -Dwerror=true -Doptimization=0 && run_tests clang --suite unit --suite api
}

stage_asan() {
    step build asan -Dwerror=true -Db_sanitize=address,undefined &&
        run_tests asan --timeout-multiplier 4
}

stage_tsan() {
    step configure tsan -Db_sanitize=thread &&
        run_tests tsan --suite threads --timeout-multiplier 4
}

stage_valgrind() {
    local wrapper='valgrind -q --leak-check=full --error-exitcode=99'
    wrapper+=' --errors-for-leak-kinds=definite'
    # One process for a whole suite: valgrind would follow every fork.
    export CK_FORK=no
    step build gcc -Dwerror=true &&
        run_tests gcc --suite unit --timeout-multiplier 10 --wrap "$wrapper"
}

# They wait more than they compute.
stage_mta() {
    step build gcc -Dwerror=true &&
        run_tests gcc --suite mta --num-processes $((PROCESSES + 1))
}

stage_package() {
    local log=build/package.run
    tests/install/package.sh >"$log" 2>&1
    cat "$log"
    count "$(tail -n 1 "$log")"
}

# Stages run in a shell of their own; what they counted comes back by a file.
in_its_shell() {
    STAGE_PASSED=0 STAGE_FAILED=0
    "stage_$1"
    echo "$STAGE_PASSED passed, $STAGE_FAILED failed" >"build/$1.count"
}

run_stage() {
    local name=$1 start=$SECONDS log=build/$1.log
    STAGE_PASSED=0 STAGE_FAILED=0
    rm -f "build/$name.count"
    (in_its_shell "$name") >"$log" 2>&1 </dev/null
    count "$(cat "build/$name.count" 2>/dev/null)"
    printf '%-9s %4d passed, %d failed  (%d s)\n' "$name" \
        "$STAGE_PASSED" "$STAGE_FAILED" $((SECONDS - start))
    if [ $STAGE_FAILED != 0 ]; then
        tail -n 60 "$log" | sed 's/^/    /'
        echo "    (the whole of it is in $log)"
    fi
    PASSED=$((PASSED + STAGE_PASSED)) FAILED=$((FAILED + STAGE_FAILED))
}

is_stage() {
    [[ " ${STAGES[*]} ${ON_DEMAND[*]} " == *" $1 "* ]]
}

main() {
    local stage
    case ${1-} in
    -h | --help)
        usage
        return 0
        ;;
    esac
    for stage; do
        is_stage "$stage" || { usage >&2; return 64; }
    done
    install_missing "${PACKAGES[@]}" || return 1
    mkdir -p build
    for stage in "${@:-${STAGES[@]}}"; do
        run_stage "$stage"
    done
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}

main "$@"
