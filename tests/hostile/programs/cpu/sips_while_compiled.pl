# Perl runs this block while it checks the syntax.
# @ends wall  @limits cpu=1 wall=0.5 delay=2
BEGIN { while (1) { my $t = (times)[0]; 1 while (times)[0] - $t < 0.02; select(undef, undef, undef, 0.13); } }
