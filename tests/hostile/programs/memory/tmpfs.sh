# @ends memory|exited  @without exited|memory|output  @limits memory=32 wall=2 workspace=64  @never WROTE
head -c 200000000 /dev/zero > /tmp/big && echo WROTE
