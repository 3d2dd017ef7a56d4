# @ends memory|exited|wall|cpu  @limits memory=32 wall=1 workspace=16
i=0
while head -c 1000000 /dev/zero > f$i; do i=$((i+1)); done
