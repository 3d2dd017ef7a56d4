global _start
section .data
m db "Hello, World!", 10
section .text
_start:
    mov eax, 4
    mov ebx, 1
    mov ecx, m
    mov edx, 14
    int 0x80
    mov eax, 1
    xor ebx, ebx
    int 0x80
