#!/usr/bin/perl -w
$s += $_ for map split, <>;
print $s + 0;
