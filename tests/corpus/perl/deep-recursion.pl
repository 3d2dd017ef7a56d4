use strict; use warnings; no warnings 'recursion';
sub f { my $n = shift; return $n == 0 ? 0 : $n + f($n - 1) }
print f(<STDIN> + 0), "\n";
