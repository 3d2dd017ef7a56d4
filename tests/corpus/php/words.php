<?php
$m = [];
while (!feof(STDIN)) {
    foreach (explode(" ", trim((string)fgets(STDIN))) as $w) {
        if ($w === "") continue;
        $m[$w] ??= 0;
        $m[$w]++;
    }
}
ksort($m);
foreach ($m as $w => $c) echo "$w $c\n";
