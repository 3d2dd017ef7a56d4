# @collect out  @brings nothing
ln -s /etc/passwd out
