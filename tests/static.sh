#!/bin/bash
# gcc's analyzer, clang-tidy and cppcheck over lib/ and examples/.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. examples/packages.sh

PACKAGES=("${BUILD_PACKAGES[@]}" libevent-dev libmilter-dev
          libsqlite3-dev check clang-tidy cppcheck)
TOOLS=(gcc clang-tidy cppcheck)
ACCEPTED=tests/static.supp
WORK=build/static
FLAGS=(-std=gnu11 -D_GNU_SOURCE '-DMAYRELAY_VERSION="0"' -Ilib -Iinclude
       -Iexamples -Iexamples/command)
NODES=75000 # states of a function that clang's analyzer looks at
PASSED=0 FAILED=0

usage() {
    cat <<'END'
usage: tests/static.sh [--deep] [TOOL...]

Installs what is missing (Debian packages) and looks for bugs in lib/ and
examples/ without running them; all tools, or only those named:

  gcc         gcc -fanalyzer
  clang-tidy  the checks of .clang-tidy
  cppcheck    warnings, style, performance, portability

With --deep clang's analyzer looks at three times as many states of a function,
as many as it does by itself: it takes three times as long.

A finding is fixed, or accepted in tests/static.supp with the reason beside it;
what is accepted there and not found is a finding too.
What the tools said is left in build/static/.  The last line is
`N passed, N failed`; a tool passes if nothing is left of what it said.
END
}

sources() {
    find lib examples -name '*.c' -print0 | sort -z
}

# Each prints findings as FILE:LINE: CHECK: MESSAGE, and a source that does not
# even compile as a finding too.
find_gcc() {
    sources | xargs -0 -P 2 -I{} bash -c 'gcc "$@" 2>&1 | sed -nE "$0"' "
        s/^([^: ]+:[0-9]+):[0-9]+: warning: (.*) \[-W([a-z-]+)\]$/\1: \3: \2/p
        s/^([^: ]+:[0-9]+):[0-9]+: (fatal )?error: (.*)$/\1: error: \3/p" \
        "${FLAGS[@]}" -O2 -fanalyzer -c {} -o /dev/null
}

# One file a run: in later ones of a run its analyzer takes every va_list for
# uninitialized.
find_clang-tidy() {
    sources | xargs -0 -P 2 -I{} clang-tidy --quiet {} -- "${FLAGS[@]}" \
        -Xclang -analyzer-config -Xclang "max-nodes=$NODES" 2>/dev/null |
        sed -nE "s|^$PWD/([^: ]+:[0-9]+):[0-9]+: [a-z]+: (.*) \[([A-Za-z0-9.-]+)[^]]*\]\$|\1: \3: \2|p"
}

find_cppcheck() {
    cppcheck --enable=warning,style,performance,portability --quiet -j 2 \
        --std=c11 -D_GNU_SOURCE '-DMAYRELAY_VERSION="0"' -Ilib -Iinclude \
        --template='{file}:{line}: {id}: {message}' lib examples 2>&1
}

# remaining TOOL <findings: what is not accepted, and what was accepted for
# nothing; on stderr how many are accepted.
remaining() {
    awk -v tool="$1" -v accepted="$ACCEPTED" '
        function matches(i, file) {
            if (index(files[i], "*") == 0)
                return files[i] == file
            prefix = substr(files[i], 1, index(files[i], "*") - 1)
            return substr(file, 1, length(prefix)) == prefix
        }
        BEGIN {
            while ((getline line < accepted) > 0) {
                if (split(line, word, /[ \t]+/) < 4 || word[1] != tool)
                    continue
                checks[++count] = word[2]
                files[count] = word[3]
            }
        }
        {
            split($0, part, ": ")
            file = part[1]
            sub(/:[0-9]+$/, "", file)
            for (i = 1; i <= count; i++)
                if (checks[i] == part[2] && matches(i, file)) {
                    used[i]++
                    hidden++
                    next
                }
            print
        }
        END {
            for (i = 1; i <= count; i++)
                if (!used[i])
                    print accepted ": nothing is found: " checks[i] ": " files[i]
            print hidden + 0 " accepted with a reason" > "/dev/stderr"
        }'
}

run_tool() {
    local tool=$1 start=$SECONDS left hidden
    "find_$tool" | sort -u >"$WORK/$tool.all"
    remaining "$tool" <"$WORK/$tool.all" >"$WORK/$tool.left" \
        2>"$WORK/$tool.hidden"
    left=$(wc -l <"$WORK/$tool.left") hidden=$(cat "$WORK/$tool.hidden")
    printf '%-11s %d findings, %s  (%d s)\n' \
        "$tool" "$left" "$hidden" $((SECONDS - start))
    if [ "$left" = 0 ]; then
        PASSED=$((PASSED + 1))
    else
        sed 's/^/    /' "$WORK/$tool.left"
        FAILED=$((FAILED + 1))
    fi
}

is_tool() {
    [[ " ${TOOLS[*]} " == *" $1 "* ]]
}

main() {
    local tool
    case ${1-} in
    -h | --help)
        usage
        return 0
        ;;
    --deep)
        NODES=225000
        shift
        ;;
    esac
    for tool; do
        is_tool "$tool" || { usage >&2; return 64; }
    done
    install_missing "${PACKAGES[@]}" || return 1
    mkdir -p "$WORK"
    for tool in "${@:-${TOOLS[@]}}"; do
        run_tool "$tool"
    done
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}

main "$@"
