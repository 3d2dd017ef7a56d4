default rel
global main
extern scanf
extern printf
section .rodata
in_f db "%d %d", 0
out_f db "%d", 10, 0
section .bss
a resd 1
b resd 1
section .text
main:
    sub rsp, 8
    lea rdi, [in_f]
    lea rsi, [a]
    lea rdx, [b]
    xor eax, eax
    call scanf wrt ..plt
    mov esi, [a]
    add esi, [b]
    lea rdi, [out_f]
    xor eax, eax
    call printf wrt ..plt
    xor eax, eax
    add rsp, 8
    ret
