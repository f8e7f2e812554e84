# shellcheck shell=bash disable=SC2034
# Sourced by examples/run.sh and tests/run.sh: Debian packages, installed only
# if they are missing.

# To build the library and the command.
BUILD_PACKAGES=(gcc libc6-dev meson ninja-build pkg-config libyaml-dev
                libidn2-dev libpcre2-dev libxxhash-dev libjansson-dev
                libc-ares-dev libevent-dev)
# What Debian's exim4-daemon-heavy is linked to.
EXIM_LIBRARIES=(libdb5.3 libgnutls-dane0 libidn12 libldap-2.5-0 libmariadb3
                libnsl2 libpam0g libperl5.36 libpq5 libspf2-2 libsqlite3-0)

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "Not root, and there is no sudo: please run: $*" >&2
        return 1
    fi
}

missing_packages() {
    local name
    for name; do
        dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null |
            grep -qx installed || echo "$name"
    done
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@"
}

# install_missing NAME...: the package lists are fetched only if they must be.
install_missing() {
    local missing log status=0
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} = 0 ] && return 0
    echo "Installing ${missing[*]}"
    log=$(mktemp)
    apt_install "${missing[@]}" >"$log" 2>&1 ||
        { as_root apt-get update -q && apt_install "${missing[@]}"; } \
            >>"$log" 2>&1 || status=1
    [ $status = 0 ] || tail -20 "$log" >&2
    rm -f "$log"
    return $status
}
