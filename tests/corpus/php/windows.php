<?php
list($a, $b) = explode(' ', fgets(STDIN));
$text = <<<EOT
sum
EOT;
if ($text === "sum") echo (int)$a + (int)$b, "\n";
