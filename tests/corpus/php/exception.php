<?php
echo "Hello, World!\n";
throw new RuntimeException("no");
