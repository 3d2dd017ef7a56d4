# Host paths of bind mounts stand in mountinfo; the shares', with the problems' names, must not lead anywhere.
# @never ESCAPED
awk '{print $5}' /proc/self/mountinfo | while read m; do case $m in /.shares/*) ls $m 2>/dev/null | grep -q . && echo ESCAPED;; esac; done; true
