#!/bin/sh
# usage: tests/dist/empty_root.sh FOLDER
# Makes a minimal Debian in FOLDER/root, and puts the wheel and its dependencies into FOLDER/wheels. Then it installs the wheel in that Debian,
# runs `gavel up` and posts two submissions, without package servers. Needs root and debootstrap. Prints a transcript.
# It uses pivot_root, because the kernel refuses user namespaces in a chroot.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1" && cd "$1"

[ -e root/etc/debian_version ] ||
    debootstrap --variant=minbase --include=python3-venv,gcc,libc6-dev bookworm root "${MIRROR:-http://deb.debian.org/debian}" >debootstrap.log
rm -rf wheels
python3 -m pip download --quiet --only-binary=:all: --find-links "$here/dist" --dest wheels gavel-judge
cp "$here/tests/dist/empty_root_session.sh" root/session.sh
rm -rf root/work

exec unshare --mount --pid --fork --propagation private sh -eu -c '
    mount --bind root root && mount --bind wheels wheels && mkdir -p root/wheels root/old root/work root/run/gavel-slots && cd root
    mount -t proc proc proc && mount --rbind /sys sys && mount --rbind /dev dev && mount --bind ../wheels wheels
    # Other judges of this machine use the same cgroups, so this judge must see which slots they have claimed.
    mkdir -p /run/gavel-slots && mount --bind /run/gavel-slots run/gavel-slots
    pivot_root . old && umount -l /old
    cd /work && exec env -i HOME=/work PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 sh -eu /session.sh'
