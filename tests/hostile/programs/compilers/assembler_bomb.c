// Three lines for the assembler that are gigabytes of program.
// @compile-fails  @compile-ends exited|cpu|wall|memory|output|signalled  @compile-limits cpu=3 wall=6 memory=256
__asm__(".section .data\n.rept 1000000000\n.quad 1\n.endr\n.space 0x100000000\n");
int main(void) { return 0; }
