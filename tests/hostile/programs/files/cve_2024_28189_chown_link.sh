# Judge0 CVE-2024-28189: a privileged chown follows a link to a file outside of the box.
# @collect box  @brings nothing  @never ESCAPED
mkdir box; ln -s /etc/passwd box/passwd; [ "$(stat -c %u /etc/passwd)" = "$(id -u)" ] && [ -w /etc/passwd ] && echo ESCAPED; true
