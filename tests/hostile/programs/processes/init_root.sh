# @never ESCAPED
ls /proc/1/root/ /proc/1/cwd/ /proc/1/fd/ 2>/dev/null | grep -qE '^(root|home|boot|socket|srv)$' && echo ESCAPED; true
