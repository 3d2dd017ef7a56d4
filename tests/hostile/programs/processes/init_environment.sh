# @never ESCAPED
cat /proc/1/environ 2>/dev/null | grep -q . && echo ESCAPED; true
