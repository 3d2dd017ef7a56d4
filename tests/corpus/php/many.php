<?php
$n = intval(fgets(STDIN));
$s = 0;
for ($i = 0; $i < $n; $i++) $s += (int)fgets(STDIN);
printf("%d\n", $s);
