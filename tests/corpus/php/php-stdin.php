<?php
$s = file_get_contents("php://stdin");
echo array_sum(preg_split('/\s+/', $s, -1, PREG_SPLIT_NO_EMPTY)), "\n";
?>
