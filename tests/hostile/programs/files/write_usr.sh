# @never ESCAPED
for f in /usr/bin/x /etc/x /bin/x /x /dev/x /proc/x /lib/x /.empty/x /.shares/x; do (echo 1 > $f) 2>/dev/null && echo ESCAPED $f; done; true
