# shellcheck shell=bash disable=SC2034
# Exim for examples/mta.sh.
MTA_PACKAGES=(exim4-daemon-heavy exim4-base)
MTA_LIBRARIES=("${EXIM_LIBRARIES[@]}")
MTA_USERS=(Debian-exim)

write_configuration() {
    cat <<END
MAYRELAY_LIBRARY = $BUILD/examples/exim/mayrelay-exim.so
MAYRELAY_SETTINGS = policy=$IMAGE names=dns dns-deadline=2 log=$LOG token=yes

exim_path = /usr/sbin/exim4
primary_hostname = mx.realdomain.com
qualify_domain = realdomain.com
local_interfaces = $SERVER
spool_directory = $WORK/spool
log_file_path = $WORK/exim.%slog
pid_file_path = $WORK/exim.pid
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
queue_only

acl_smtp_connect = acl_mayrelay_connect
acl_smtp_mail = acl_mayrelay_mail
acl_smtp_rcpt = acl_mayrelay_rcpt

begin acl
.include $SOURCE/examples/exim/conf.d/acl/01_mayrelay

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if eq{\$auth3}{secret}}
  server_set_id = \$auth2
END
}

mta_start() {
    local try
    write_configuration >"$WORK/exim.conf"
    mkdir "$WORK/spool"
    chown Debian-exim "$WORK" "$WORK/spool"
    exim4 -C "$WORK/exim.conf" -bdf >"$WORK/exim.out" 2>&1 &
    for ((try = 0; try < 300; try++)); do
        (exec 3<>/dev/tcp/"$SERVER"/25) 2>/dev/null && return
        sleep 0.1
    done
    cat "$WORK/exim.out" >&2
    return 1
}

mta_stop() {
    kill "$(cat "$WORK/exim.pid")"
    wait
}
