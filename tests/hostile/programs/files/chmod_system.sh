# @never ESCAPED
chmod 777 /usr/bin/env /etc/passwd / 2>/dev/null && echo ESCAPED; true
