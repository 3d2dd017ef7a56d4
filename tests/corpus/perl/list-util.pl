use strict;
use List::Util qw(sum max first reduce);
use POSIX qw(floor ceil);
use Data::Dumper;
use Time::HiRes qw(time);
<STDIN>;
print sum(split /\s+/, <STDIN>), "\n";
