#!/bin/bash
# What mayrelay is for: one policy, and what it decides.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. examples/packages.sh

BUILD=build/release
POLICY=examples/policies/application-relay.yaml
IMAGE=$BUILD/application-relay.mrp
CHANGED=$BUILD/changed
MAYRELAY=$BUILD/examples/command/mayrelay
OURSELVES=192.0.2.25:25
WRONG=0

usage() {
    cat <<'END'
usage: examples/run.sh [--mta MTA | --help]

Installs what is missing to build (Debian packages), builds the library and the
mayrelay command into build/release, and shows what examples/policies/
application-relay.yaml decides.  Fails if any decision is not the expected one.

With --mta, shows the same policy at work in a real mail server too, on a
machine of its own that nothing leaves (namespaces; needs root, or sudo).  MTA
is one of:
END
    local adapter
    for adapter in examples/*/mta.sh; do
        adapter=${adapter%/mta.sh}
        echo "    ${adapter#examples/}"
    done
}

build() {
    [ -f $BUILD/build.ninja ] ||
        meson setup $BUILD --buildtype=release -Db_lto=true -Dtests=false || return 1
    ninja -C $BUILD -j 2
}

heading() {
    printf '\n== %s\n' "$*"
}

# show EXPECTED-EXIT COMMAND...: runs `mayrelay COMMAND...`.
show() {
    local expected=$1 status
    shift
    printf '$ mayrelay'
    printf ' %q' "$@"
    printf '\n'
    "$MAYRELAY" "$@"
    status=$?
    [ "$status" = "$expected" ] && return
    printf 'WRONG: exit status %s, not %s\n' "$status" "$expected"
    WRONG=$((WRONG + 1))
}

ACCEPT=0 DEFER=75 REJECT=77

# decide EXPECTED FACT...: one decision, as the reply line.
decide() {
    local expected=$1
    shift
    show "$expected" check "$POLICY" --listener $OURSELVES "$@"
}

show_decisions() {
    heading "The policy loads, and has no errors"
    show 0 lint "$POLICY"

    heading "Anybody may send mail to one of our users"
    decide $ACCEPT --client 203.0.113.9 --sender a@sender.example \
        --recipient joe@realdomain.com

    heading "Nobody outside may send through us to somebody else"
    decide $REJECT --client 203.0.113.9 --sender a@sender.example \
        --recipient kate@far.example

    heading "... nor by the tricks that have opened other servers"
    decide $REJECT --client 203.0.113.9 --sender a@sender.example \
        --recipient 'kate%far.example@realdomain.com'

    heading "A user who does not exist is refused at once, not bounced later"
    decide $REJECT --client 203.0.113.9 --sender a@sender.example \
        --recipient nobody@virtualdomain.com

    heading "An application that signs in, and is on the list, may relay"
    decide $ACCEPT --client 10.3.3.3 --identity crm \
        --sender crm@realdomain.com --recipient kate@far.example

    heading "The scanner may mail our partner, and only him"
    decide $ACCEPT --client 10.2.3.4 --client-names none \
        --sender scanner@realdomain.com --recipient x@partner.example
    decide $REJECT --client 10.2.3.4 --client-names none \
        --sender scanner@realdomain.com --recipient kate@far.example

    heading "A network that is being moved: its mail waits, nothing is lost"
    decide $DEFER --client 10.1.9.77 --sender a@realdomain.com \
        --recipient kate@far.example

    heading "Known by its host name, but DNS does not answer: it waits too"
    decide $DEFER --client 10.7.0.8 --client-names tempfail \
        --sender build@realdomain.com --recipient kate@far.example

    heading "Why was the scanner refused, and what would have let it through?"
    show $REJECT explain "$POLICY" --listener $OURSELVES --client 10.2.3.4 \
        --client-names none --sender scanner@realdomain.com \
        --recipient kate@far.example --want accept
}

show_audit() {
    heading "Who may relay where?  Not one decision, but all of them"
    show 0 audit "$POLICY" --require closed
}

show_diff() {
    heading "What does an edit change?  One more network among the branches"
    mkdir -p $CHANGED
    cp examples/policies/*.* $CHANGED
    echo 10.9.0.0/16 >>$CHANGED/branches.txt
    show 0 diff "$POLICY" "$CHANGED/${POLICY##*/}" --limit 1
}

show_image() {
    heading "The same policy as an image: it opens at once, and decides alike"
    show 0 compile "$POLICY" -o $IMAGE
    local POLICY=$IMAGE
    decide $ACCEPT --client 10.1.44.5 --sender a@realdomain.com \
        --recipient kate@far.example
    decide $REJECT --client 203.0.113.9 --sender a@sender.example \
        --recipient kate@far.example
}

show_mta() {
    heading "The same policy at work in $1"
    as_root bash examples/mta.sh "$1" || WRONG=$((WRONG + 1))
}

say_where_to_go() {
    heading "Where to go next"
    cat <<END
  $POLICY
      the policy you have just seen; the others beside it are commented too
  $MAYRELAY --help
      the command: check, explain, lint, audit, diff, test, compile, ...
  README.md
      the library in your own program; include/mayrelay/ has the headers
END
}

main() {
    local mta=
    case ${1-} in
    '') ;;
    -h | --help) usage; return 0 ;;
    --mta) mta=${2-none} ;;
    *) usage >&2; return 64 ;;
    esac
    if [ -n "$mta" ] && [ ! -f "examples/$mta/mta.sh" ]; then
        usage >&2
        return 64
    fi
    install_missing "${BUILD_PACKAGES[@]}" || return 1
    mkdir -p build
    echo "Building into $BUILD"
    build >build/release.log 2>&1 || { tail -30 build/release.log >&2; return 1; }
    show_decisions
    show_audit
    show_diff
    show_image
    [ -z "$mta" ] || show_mta "$mta"
    say_where_to_go
    [ $WRONG = 0 ]
}

main "$@"
