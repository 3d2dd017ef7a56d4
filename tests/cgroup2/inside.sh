#!/bin/sh
# The emulated machine's first process. It mounts, makes a cgroup as a service manager does, and runs the tests.
export PATH=/usr/bin:/bin:/usr/sbin:/sbin PYTHONPATH=/code:/code/site PYTHONDONTWRITEBYTECODE=1 HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t tmpfs run /run
mkdir -p /dev/shm /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
ln -s /proc/self/fd /dev/fd
cd /code
failed=0
try() { "$@" || { echo "FAILED: $*"; failed=1; }; }

echo "up after $(cut -d' ' -f1 /proc/uptime) s: $(uname -r), controllers $(cat /sys/fs/cgroup/cgroup.controllers)"
chmod 755 /code
if [ "$(cat words)" != boot ]; then
    # This shell is in a delegated cgroup. The sandbox must move the shell to a leaf before it enables controllers below the cgroup.
    echo "+cpu +memory +pids +cpuset" > /sys/fs/cgroup/cgroup.subtree_control
    mkdir /sys/fs/cgroup/worker
    echo $$ > /sys/fs/cgroup/worker/cgroup.procs
    python3 -m sandbox
    if [ -s words ]; then
        # shellcheck disable=SC2046 # the shell must split the words
        try python3 -m pytest --noconftest -q $(cat words)
    else
        try python3 -m pytest --noconftest -q tests/cgroup2/inside.py tests/contract/test_sandbox_contract.py tests/contract/test_sandbox_pairs.py tests/contract/test_sandbox_files.py tests/contract/test_sandbox_cores.py tests/contract/test_sandbox_death.py tests/contract/test_sandbox_leftovers.py
        try python3 -m tests.cgroup2.suite
    fi
else
    grep -q memory /sys/fs/cgroup/cgroup.controllers || failed=1
fi
echo "GAVEL-CGROUP2 $failed"
sync
echo o > /proc/sysrq-trigger
sleep 60
