global main
extern scanf, printf
section .data
i db "%ld", 0
o db "%ld", 10, 0
section .bss
n resq 1
section .text
f:  test rdi, rdi
    jz .zero
    push rdi
    dec rdi
    call f
    pop rdi
    add rax, rdi
    ret
.zero:
    xor eax, eax
    ret
main:
    sub rsp, 8
    mov edi, i
    mov esi, n
    xor eax, eax
    call scanf
    mov rdi, [n]
    call f
    mov edi, o
    mov rsi, rax
    xor eax, eax
    call printf
    xor eax, eax
    add rsp, 8
    ret
