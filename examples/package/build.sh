#!/bin/bash
# The Debian packages: the library, the command and adapters, and bindings.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. examples/packages.sh

FOLDER=build/package
PACKAGING=examples/package/debian

usage() {
    cat <<END
usage: examples/package/build.sh

Installs what is missing to build (Debian packages), makes a source package of
what is here, and builds it with dpkg-buildpackage; all of it in $FOLDER.
END
}

# make_source VERSION: dpkg wants debian/ at the top level, where we have none.
make_source() {
    local source=$FOLDER/mayrelay-$1
    rm -rf $FOLDER/*mayrelay*
    mkdir -p "$source"
    cp -a lib include examples tests meson.build meson_options.txt README.md \
        LICENSE "$source" &&
        find "$source" -name __pycache__ -prune -exec rm -rf {} + &&
        tar -C $FOLDER --sort=name --owner=0 --group=0 -cJf \
            "$FOLDER/mayrelay_$1.orig.tar.xz" "mayrelay-$1" &&
        cp -a $PACKAGING "$source/debian"
}

main() {
    local version
    case ${1-} in
    '') ;;
    -h | --help) usage; return 0 ;;
    *) usage >&2; return 64 ;;
    esac
    install_missing "${BUILD_PACKAGES[@]}" dpkg-dev debhelper fakeroot \
        libmilter-dev libsqlite3-dev dh-python python3-cffi python3-dev \
        python3-setuptools || return 1
    version=$(dpkg-parsechangelog -l $PACKAGING/changelog -S Version) || return 1
    version=${version%-*}
    make_source "$version" &&
        (cd "$FOLDER/mayrelay-$version" &&
            DEB_BUILD_OPTIONS=parallel=2 dpkg-buildpackage -us -uc) &&
        ls -l $FOLDER/*.deb
}

main "$@"
