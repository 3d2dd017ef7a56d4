// Tells the assembler to include a file as binary data.
// @compile-fails
__asm__(".incbin \"/etc/shadow\"");
int main(void) { return 0; }
