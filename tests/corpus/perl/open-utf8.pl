use strict; use warnings; use utf8;
use open qw(:std :utf8);
chomp(my $größe = <STDIN>);
print scalar reverse($größe), "\n";
