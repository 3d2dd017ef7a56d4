<?php
[$a, $b] = array_map("intval", explode(" ", readline()));
echo $a + $b, "\n";
