# @collect out  @brings nothing
mkfifo out
