use v5.30;
use utf8;
my %h;
while (<STDIN>) { $h{$_}++ for split }
say "$_ $h{$_}" for sort keys %h;
