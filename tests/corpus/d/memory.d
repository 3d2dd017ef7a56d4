void main() { int[][] all; for (;;) { auto a = new int[1_000_000]; a[] = 1; all ~= a; } }
