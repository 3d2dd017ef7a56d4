<?php
$r = "1";
for ($i = (int)fgets(STDIN); $i > 1; $i--) $r = bcmul($r, (string)$i);
echo $r, "\n";
