extern printf, exit
global _start
section .data
msg: db "Hello, World!", 10, 0
section .text
_start:
    and rsp, -16
    mov rdi, msg
    xor eax, eax
    call printf
    xor edi, edi
    call exit
