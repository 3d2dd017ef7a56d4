<?php
$p = explode(" ", trim(fgets(STDIN)));
$sum = 0;
for ($i = 0; $i <= 2; $i++) $sum += $p[$i];
echo $sum, "\n";
