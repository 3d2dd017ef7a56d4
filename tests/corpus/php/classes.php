<?php
declare(strict_types=1);

namespace App\Solver;

interface Summing { public function sum(): int; }

enum Kind: string { case Plain = 'plain'; case Other = 'other'; }

final class Numbers implements Summing
{
    public function __construct(private readonly array $items, public readonly Kind $kind = Kind::Plain) {}

    public function sum(): int
    {
        return match ($this->kind) {
            Kind::Plain => array_reduce($this->items, fn(int $c, int $x): int => $c + $x, 0),
            Kind::Other => throw new \LogicException(),
        };
    }
}

$n = (int) trim(fgets(STDIN));
echo (new Numbers(array_map('intval', explode(' ', trim(fgets(STDIN))))))->sum(), "\n";
