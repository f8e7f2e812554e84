#!/bin/sh
# archive.sh LD OBJCOPY AR OUT FLOOR...: one static library of all floors, in
# which only the public symbols are seen.  Without this a host that links it
# statically would meet our internal names (`decide`, `text_of`) as its own.
# What -flto leaves in objects is not for other linkers' eyes.
set -e
ld=$1 objcopy=$2 ar=$3 out=$4
shift 4
"$ld" -r -o "$out.o" --whole-archive "$@"
"$objcopy" --localize-hidden --remove-section '.gnu.lto_*' "$out.o"
rm -f "$out"
"$ar" rcs "$out" "$out.o"
rm -f "$out.o"
