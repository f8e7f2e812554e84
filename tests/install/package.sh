#!/bin/bash
# The Debian packages, built, looked at, and used where nothing else is.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. examples/packages.sh

FOLDER=build/package
CACHE=build/cache
ROOT=$FOLDER/root
MIRROR=http://deb.debian.org/debian
PASSED=0 FAILED=0

usage() {
    cat <<END
usage: tests/install/package.sh

Builds the Debian packages, shows them to lintian, and installs them in a
minimal Debian 12 of their own, where README.md's host in C, and the examples of
other languages, are built with them and run; then its systemd is started, and
the units do what they are for.  What is fetched stays in $CACHE; needs root, or
sudo.
END
}

step() {
    local start=$SECONDS
    if "$@" </dev/null; then
        PASSED=$((PASSED + 1))
        echo "ok: $* ($((SECONDS - start)) s)"
    else
        FAILED=$((FAILED + 1))
        echo "FAILED: $*"
        return 1
    fi
}

look_at() {
    lintian --allow-root --fail-on error,warning --info $FOLDER/mayrelay_*.changes
}

# fresh_debian: unpacked once, and kept as it was then.
fresh_debian() {
    local minimal=$CACHE/debian-12.tar
    as_root rm -rf "$ROOT" || return 1
    mkdir -p "$ROOT" $CACHE
    if [ ! -f $minimal ]; then
        as_root debootstrap --variant=minbase bookworm "$ROOT" $MIRROR &&
            as_root tar -C "$ROOT" -cf $minimal.new . &&
            as_root mv $minimal.new $minimal
        return
    fi
    as_root tar -C "$ROOT" -xpf $minimal
}

# In there: the packages, a compiler, and what tells whether they work.
fill() {
    local kept=$CACHE/debian-12 inside=$ROOT/var/cache/apt/archives
    mkdir -p $kept
    as_root mkdir "$ROOT/mayrelay" &&
        as_root cp -r README.md examples examples/package/debian/tests/embed \
            examples/package/debian/tests/bindings \
            examples/package/debian/tests/units "$ROOT/mayrelay" &&
        find $FOLDER -maxdepth 1 -name '*.deb' ! -name '*-dbgsym_*' -print0 |
            as_root xargs -0 cp -t "$ROOT/mayrelay" &&
        as_root cp /etc/resolv.conf "$ROOT/etc/resolv.conf" || return 1
    find $kept -name '*.deb' -print0 | as_root xargs -0 -r cp -t "$inside"
    in_there 'echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/unsafe-io
        apt-get update -q
        apt-get install -y -q --no-install-recommends ./*.deb \
            gcc g++ libc6-dev pkg-config sqlite3 systemd systemd-sysv' ||
        return 1
    find "$inside" -name '*.deb' -print0 | xargs -0 -r cp -t $kept
}

in_there() {
    as_root chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        DEBIAN_FRONTEND=noninteractive sh -euc "cd /mayrelay; $1"
}

# boot COMMAND: under its own systemd, which ends with it.
boot() {
    as_root tee "$ROOT/etc/systemd/system/trial.service" >/dev/null <<END
[Unit]
Description=Trial of $1
After=basic.target

[Service]
Type=oneshot
ExecStart=$1
StandardOutput=file:$1.log
StandardError=inherit
ExecStopPost=/bin/systemctl poweroff --no-block
END
    as_root ln -s ../trial.service \
        "$ROOT/etc/systemd/system/multi-user.target.wants/trial.service" || return 1
    as_root timeout -k 5 300 systemd-nspawn -q -D "$ROOT" --boot \
        --register=no --keep-unit --private-network --console=pipe
    as_root cat "$ROOT$1.log"
    tail -n 1 "$ROOT$1.log" | grep -q '^all '
}

# shellcheck disable=SC2016 # it is the shell in there that expands
remove() {
    in_there 'apt-get purge -y -q mayrelay libmayrelay-dev libmayrelay0 \
            python3-mayrelay lua-mayrelay
        test -z "$(find / -xdev -name "*mayrelay*" ! -path "/mayrelay*")"'
}

run() {
    step examples/package/build.sh || return
    step look_at
    step fresh_debian && step fill || return
    step in_there ./embed
    step in_there ./bindings
    step boot /mayrelay/units
    step remove
    as_root rm -rf "$ROOT"
}

main() {
    case ${1-} in
    '') ;;
    -h | --help) usage; return 0 ;;
    *) usage >&2; return 64 ;;
    esac
    install_missing debootstrap lintian systemd-container || return 1
    run
    echo "$PASSED passed, $FAILED failed"
    [ $FAILED = 0 ]
}

main "$@"
