// Three lines tell the assembler to make a program of gigabytes.
// @compile-fails  @compile-ends exited|cpu|wall|memory|output|signalled  @compile-limits cpu=3 wall=6 memory=256
__asm__(".section .data\n.rept 1000000000\n.quad 1\n.endr\n.space 0x100000000\n");
int main(void) { return 0; }
