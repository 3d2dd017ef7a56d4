# Exchanges file and link as long as it lives. Files are collected only after all processes have ended.
# @collect out  @brings own  @ends wall  @limits wall=0.3 cpu=1
while :; do echo x > a; mv a out; ln -sf /etc/passwd out; done & wait
