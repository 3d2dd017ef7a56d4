global _start
section .bss
a resb 0x60000000
section .text
_start:
    mov rdi, a
    mov rcx, 0x60000000
    mov al, 1
    rep stosb
    mov eax, 60
    xor edi, edi
    syscall
