# shellcheck shell=bash disable=SC2034
# Postfix for examples/mta.sh.
MTA_PACKAGES=(postfix)
MTA_LIBRARIES=(libicu72 libnsl2 libdb5.3 sasl2-bin libsasl2-modules)
MTA_USERS=(postfix postdrop)
POLICY_SOCKET=$WORK/spool/private/mayrelay

write_main() {
    cat <<END
compatibility_level = 3.6
config_directory = $WORK/postfix
queue_directory = $WORK/spool
data_directory = $WORK/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
maillog_file = $WORK/maillog
maillog_file_prefixes = $WORK
myhostname = mx.realdomain.com
mydestination = realdomain.com, virtualdomain.com
mynetworks =
inet_interfaces = $SERVER
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
alias_database =
default_transport = discard:
local_transport = discard:
smtpd_peername_lookup = no
smtpd_sasl_auth_enable = yes

smtpd_relay_restrictions =
    check_policy_service unix:private/mayrelay,
    reject_unauth_destination
END
}

write_master() {
    cat <<END
smtp       inet       n - n -     - smtpd
cleanup    unix       n - n -     0 cleanup
qmgr       unix       n - n 300   1 qmgr
tlsmgr     unix       - - n 1000? 1 tlsmgr
rewrite    unix       - - n -     - trivial-rewrite
bounce     unix       - - n -     0 bounce
defer      unix       - - n -     0 bounce
proxymap   unix       - - n -     - proxymap
proxywrite unix       - - n -     1 proxymap
anvil      unix       - - n -     1 anvil
discard    unix       - - n -     - discard
error      unix       - - n -     - error
showq      unix       n - n -     - showq
postlog    unix-dgram n - n -     1 postlogd
END
}

write_accounts() {
    local user
    for user in crm steven.old; do
        echo secret | saslpasswd2 -p -c -f "$WORK/sasldb2" \
            -u mx.realdomain.com "$user"
    done
    chown postfix "$WORK/sasldb2"
    cat >"$WORK/postfix/sasl/smtpd.conf" <<END
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: $WORK/sasldb2
mech_list: PLAIN
END
}

wait_for() {
    local try
    for ((try = 0; try < 300; try++)); do
        "$@" 2>/dev/null && return
        sleep 0.1
    done
    return 1
}

mta_start() {
    mkdir -p "$WORK/postfix/sasl" "$WORK/spool" "$WORK/data"
    chown postfix "$WORK/data"
    write_main >"$WORK/postfix/main.cf"
    write_master >"$WORK/postfix/master.cf"
    write_accounts
    # It makes spool/private, where the policy service is to be found.
    postfix -c "$WORK/postfix" start 2>"$WORK/postfix.out"
    "$BUILD/examples/postfix/mayrelay-policyd" --policy "$IMAGE" \
        --listen "unix:$POLICY_SOCKET" --dns --dns-deadline 2 \
        --log "$LOG" --token 2>"$WORK/policyd.out" &
    POLICYD=$!
    wait_for test -S "$POLICY_SOCKET" &&
        wait_for eval "exec 3<>/dev/tcp/$SERVER/25" && return
    cat "$WORK"/*.out "$WORK/maillog" >&2
    return 1
}

mta_stop() {
    postfix -c "$WORK/postfix" stop 2>>"$WORK/postfix.out"
    kill "$POLICYD"
    wait
}
