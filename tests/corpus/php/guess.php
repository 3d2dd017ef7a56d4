<?php
$lo = 1; $hi = 1000;
while (true) {
    $m = intdiv($lo + $hi, 2);
    echo $m, "\n";
    $s = trim(fgets(STDIN));
    if ($s == "higher") $lo = $m + 1; elseif ($s == "lower") $hi = $m - 1; else break;
}
