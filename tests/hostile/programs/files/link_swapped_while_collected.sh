# A target that swaps file and link for as long as it lives: nothing is collected while anything lives.
# @collect out  @brings own  @ends wall  @limits wall=0.3 cpu=1
while :; do echo x > a; mv a out; ln -sf /etc/passwd out; done & wait
