use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Adder qw(add);
my ($x, $y) = split ' ', <STDIN>;
print add($x, $y), "\n";
