#!/bin/bash
# shellcheck source=examples/packages.sh disable=SC2034
# The policy of examples/run.sh at work in a real mail server, on a machine of
# its own: namespaces in which only loopback exists.  It has the addresses of
# the policy and of its clients, so that nothing in the policy is made up for
# this; no mail can leave it, and whatever runs in it ends with it.
#
#   examples/mta.sh MTA     as root; after examples/run.sh has built all
#
# A mail server is a file examples/MTA/mta.sh, which sets
#
#   MTA_PACKAGES    Debian packages, unpacked beside the system and laid over
#                   /usr, as only one mail server may be installed at a time
#   MTA_LIBRARIES   packages to install, which those link to
#   MTA_USERS       users that it runs as
#   mta_start       starts it on $SERVER, with the policy $IMAGE, in $WORK
#   mta_stop        stops it
#
# and may use BUILD, SOURCE and WORK.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. examples/packages.sh

ROOTS=$PWD/build/mta/demo
SOURCE=/mnt/source # this folder, for every user to read
BUILD=$SOURCE/build/release
IMAGE=$BUILD/application-relay.mrp
SERVER=192.0.2.25
WORK=/mnt/work
LOG=$WORK/decisions.log
CLIENTS=(203.0.113.9 10.1.44.5 10.1.9.77 10.2.3.4 10.3.3.3 10.7.0.8)
TOOLS=(iproute2 swaks util-linux)
WRONG=0

# -- outside: packages, and the way in -----------------------------------------

# unpack PACKAGE: into $ROOTS/PACKAGE, once.
unpack() {
    local root=$ROOTS/$1
    [ -e "$root/.complete" ] && return 0
    mkdir -p "$root"
    (cd "$root" && apt-get download -q "$1" && dpkg -x "$1"_*.deb . &&
        rm -f "$1"_*.deb && touch .complete) >"$root.log" 2>&1 ||
        { tail -5 "$root.log" >&2; return 1; }
}

fetch() {
    local package
    install_missing "${TOOLS[@]}" "${MTA_LIBRARIES[@]}" || return 1
    for package in "${MTA_PACKAGES[@]}"; do
        unpack "$package" && continue
        as_root apt-get update -q && unpack "$package" || return 1
    done
}

enter() {
    exec env INSIDE=1 LC_ALL=C unshare --net --pid --fork --mount --mount-proc \
        --kill-child bash examples/mta.sh "$MTA"
}

# -- inside: the machine -------------------------------------------------------

# lay_over NAME WRITABLE: what the packages have of /NAME.
lay_over() {
    local name=$1 package lower="" options
    for package in "${MTA_PACKAGES[@]}"; do
        [ -d "$ROOTS/$package/$name" ] && lower+=$ROOTS/$package/$name:
    done
    options=lowerdir=$lower/$name
    [ "$2" = no ] && [ -z "$lower" ] && return
    if [ "$2" = yes ]; then
        mkdir -p "/mnt/layers/$name/upper" "/mnt/layers/$name/work"
        options+=,upperdir=/mnt/layers/$name/upper
        options+=,workdir=/mnt/layers/$name/work
    fi
    mount -t overlay overlay -o "$options" "/$name"
}

add_users() {
    local name number=7100
    for name; do
        getent passwd "$name" >/dev/null && continue
        echo "$name:x:$number:$number::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
        echo "$name:x:$number:" >>/etc/group
        number=$((number + 1))
    done
}

make_machine() {
    local address
    ip link set lo up
    for address in $SERVER "${CLIENTS[@]}"; do
        ip address add "$address/32" dev lo || return 1
    done
    mount -t tmpfs -o mode=755 tmpfs /mnt && mkdir $WORK $SOURCE &&
        mount --bind . $SOURCE || return 1
    lay_over usr no && lay_over etc yes && lay_over var yes || return 1
    echo "nameserver 127.0.0.1" >/etc/resolv.conf # where nobody answers
    echo "127.0.0.1 localhost mx.realdomain.com" >/etc/hosts
    add_users "${MTA_USERS[@]}"
}

# -- inside: what it shows -----------------------------------------------------

# The last reply before QUIT, in one line: servers break up long ones.
last_reply() {
    awk '/^ -> QUIT/ { exit }
         /^<(-|\*\*)/ {
             line = substr($0, 5)
             more = substr(line, 4, 1) == "-"
             if (going_on)
                 sub(/^[0-9]*[- ]([245]\.[0-9]+\.[0-9]+ )?/, "", line)
             reply = going_on ? reply " " line : line
             sub(/^...-/, substr(reply, 1, 3) " ", reply)
             going_on = more
         }
         END { print reply }'
}

# hand_over CLIENT SENDER RECIPIENT [SWAKS OPTION...]: up to RCPT; what the
# server said to that, or before it.
hand_over() {
    swaks --server $SERVER --port 25 --local-interface "$1" \
        --helo client.example --from "$2" --to "$3" --quit-after RCPT \
        --timeout 60 "${@:4}" 2>&1 | last_reply
}

# transaction CODE CLIENT USER SENDER RECIPIENT: USER - has not signed in.
transaction() {
    local wanted=$1 client=$2 user=$3 sender=$4 recipient=$5 reply sign_in=()
    [ "$user" = - ] ||
        sign_in=(--auth PLAIN --auth-user "$user" --auth-password secret)
    reply=$(hand_over "$client" "$sender" "$recipient" "${sign_in[@]}")
    printf '%s%s: MAIL FROM:<%s> RCPT TO:<%s>\n    %s\n' "$client" \
        "$([ "$user" = - ] || echo " signed in as $user")" \
        "$sender" "$recipient" "$reply"
    [ "${reply:0:3}" = "$wanted" ] && return
    echo "WRONG: wanted is $wanted"
    WRONG=$((WRONG + 1))
}

show_transactions() {
    local stranger=203.0.113.9 scanner=scanner@realdomain.com
    transaction 250 $stranger - a@sender.example joe@realdomain.com
    transaction 550 $stranger - a@sender.example kate@far.example
    transaction 550 $stranger - a@sender.example \
        'kate%far.example@realdomain.com'
    transaction 550 $stranger - a@sender.example nobody@virtualdomain.com
    transaction 250 10.1.44.5 - a@realdomain.com kate@far.example
    transaction 250 10.3.3.3 crm crm@realdomain.com kate@far.example
    transaction 550 10.3.3.3 steven.old crm@realdomain.com kate@far.example
    transaction 451 10.1.9.77 - a@realdomain.com kate@far.example
    echo "(Nobody answers DNS on this machine: who is known by name waits.)"
    transaction 451 10.7.0.8 - build@realdomain.com kate@far.example
    transaction 451 10.2.3.4 - $scanner kate@far.example
    transaction 250 10.2.3.4 - $scanner x@partner.example
}

show_log() {
    local line
    printf '\n== What the administrator finds in the log: the last refusal\n'
    line=$(grep verdict=reject $LOG | tail -1)
    printf '%s\n' "$line"
    printf '\n== ... and why it was one, from that line alone\n'
    printf "\$ mayrelay explain POLICY --log 'LINE'\n"
    $BUILD/examples/command/mayrelay explain $IMAGE --log "$line"
    [ $? = 77 ] && return
    echo "WRONG: the line is not explained as a refusal"
    WRONG=$((WRONG + 1))
}

show() {
    make_machine || return 1
    mta_start || { echo "$MTA does not start" >&2; return 1; }
    show_transactions
    show_log
    mta_stop
    [ $WRONG = 0 ]
}

# -- all of it -----------------------------------------------------------------

MTA=${1-}
if [ ! -f "examples/$MTA/mta.sh" ]; then
    echo "usage: examples/mta.sh MTA" >&2
    exit 64
fi
# shellcheck source=examples/exim/mta.sh
. "examples/$MTA/mta.sh"
if [ -n "${INSIDE-}" ]; then
    show
else
    fetch && enter
fi
