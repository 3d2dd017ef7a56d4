// The assembler can include a file as it is.
// @compile-fails
__asm__(".incbin \"/etc/shadow\"");
int main(void) { return 0; }
