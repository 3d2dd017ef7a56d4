# The next run must not find a file that this run leaves.
# @twice  @never ESCAPED
ls /w/left /tmp/left /dev/shm/left /var/tmp/left 2>/dev/null && echo ESCAPED
for f in /w/left /tmp/left /dev/shm/left /var/tmp/left; do echo answer > $f; done; true
