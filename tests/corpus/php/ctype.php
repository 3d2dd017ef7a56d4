<?php
$words = explode(" ", trim(fgets(STDIN)));
$sum = 0;
foreach ($words as $word) {
    $sum += ctype_digit($word) ? (int) $word : -(int) substr($word, 1);
}
echo $sum, "\n";
