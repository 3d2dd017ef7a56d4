# @never ESCAPED
cp /bin/sh ./sh; chmod 4755 ./sh; [ "$(./sh -p -c 'id -u')" = 0 ] && echo ESCAPED; /usr/bin/su -c id root </dev/null 2>/dev/null && echo ESCAPED; /usr/bin/passwd -S root 2>/dev/null && echo ESCAPED; true
