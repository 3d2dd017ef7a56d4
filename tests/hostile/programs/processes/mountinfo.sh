# mountinfo has the host paths of bind mounts. Those of the shares, which have names of problems, must not be readable.
# @never ESCAPED
awk '{print $5}' /proc/self/mountinfo | while read m; do case $m in /.shares/*) ls $m 2>/dev/null | grep -q . && echo ESCAPED;; esac; done; true
