# @never root:
cat ../../../../etc/shadow /w/../../root/.ssh/id_rsa /w/../home/* 2>/dev/null; true
