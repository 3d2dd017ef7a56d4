global greet
extern puts
section .data
m db "Hello, World!", 0
section .text
greet:
    sub rsp, 8
    mov edi, m
    call puts
    add rsp, 8
    ret
