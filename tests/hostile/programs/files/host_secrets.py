import os

places = [
    "/etc/shadow",
    "/root",
    "/home",
    "/var/lib/dpkg",
    "/var/lib/apt",
    "/var/lib/private",
    "/var/log",
    "/var/spool",
    "/run",
    "/sys",
    "/boot",
    "/opt",
    "/mnt",
    "/srv",
    "/var/run/docker.sock",
    "/etc/ssh",
    "/etc/hostname",
    "/proc/kcore",
    "/proc/kallsyms",
    "/proc/sysrq-trigger",
    "/proc/keys",
    "/proc/sched_debug",
    "/proc/timer_list",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/sda",
    "/dev/vda",
    "/dev/kvm",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/fuse",
    "/dev/vsock",
    "/sys/fs/cgroup",
    "/.shares/0",
]
seen = []
for place in places:
    try:
        if os.listdir(place) if os.path.isdir(place) else open(place, "rb").read(1):
            seen.append(place)
    except OSError:
        pass
print("ESCAPED" if seen else "held", seen)
