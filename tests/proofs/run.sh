#!/bin/bash
# What is proven of the library rather than tested.
# shellcheck source=examples/packages.sh
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. examples/packages.sh

usage() {
    cat <<'END'
usage: tests/proofs/run.sh [masks | eva]

Installs what is missing (Debian packages) and proves:

  masks  the algebra of the evaluator, for any 64 rules (z3)
  eva    that nothing undefined happens in code that reads hostile bytes
         (Frama-C; tests/proofs/eva.sh --help)

Both without an argument.  masks_exhaustive.c is one of `meson test`'s.
END
}

prove_masks() {
    install_missing python3 python3-z3 || return 1
    /usr/bin/python3 tests/proofs/masks.py
}

main() {
    local status=0
    case ${1-} in
    -h | --help)
        usage
        return 0
        ;;
    '' | masks | eva) ;;
    *)
        usage >&2
        return 64
        ;;
    esac
    if [ "${1-masks}" = masks ]; then
        prove_masks || status=1
    fi
    if [ "${1-eva}" = eva ]; then
        tests/proofs/eva.sh || status=1
    fi
    return $status
}

main "$@"
