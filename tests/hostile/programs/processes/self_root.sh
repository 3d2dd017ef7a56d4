# @never ESCAPED
ls /proc/self/root/ /proc/self/cwd/../../../ | grep -qE '^(root|home|boot|srv)$' && echo ESCAPED; true
