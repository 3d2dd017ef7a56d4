<?php
$a = 3
echo "Hello, World!";
