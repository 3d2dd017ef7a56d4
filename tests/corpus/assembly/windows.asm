global main
extern puts
section .data
m db "Hello, World!", 0
section .text
main:
    sub rsp, 8
    mov edi, m
    call puts
    xor eax, eax
    add rsp, 8
    ret
