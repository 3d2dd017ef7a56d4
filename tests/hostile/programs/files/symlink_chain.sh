# @collect out  @brings nothing
ln -s /etc d; ln -s d/passwd out
