<?php
error_reporting(E_ALL);
ini_set('display_errors', '1');
$p = explode(" ", fgets(STDIN));
@$x = $undefined;
$q = $p[5] ?? 0;
echo $p[0] + trim($p[1]), "\n";
