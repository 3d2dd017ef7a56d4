# @collect out  @brings nothing
ln -s /etc out
