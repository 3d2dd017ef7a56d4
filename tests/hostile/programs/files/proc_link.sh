# @collect out  @brings nothing
ln -s /proc/self/root/etc/passwd out
