<?php
class Adder {
    public static function add(int ...$xs): int { return array_sum($xs); }
}
