# @ends wall|cpu|exited  @limits wall=0.4 processes=12
f() { f | f & }
f
sleep 5
