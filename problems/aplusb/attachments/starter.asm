global main
extern scanf, printf

section .data
input: db "%ld %ld", 0
output: db "%ld", 10, 0

section .bss
a: resq 1
b: resq 1

section .text
main:
    push rbx
    mov edi, input
    mov esi, a
    mov edx, b
    xor eax, eax
    call scanf
    mov rsi, [a]
    add rsi, [b]
    mov edi, output
    xor eax, eax
    call printf
    xor eax, eax
    pop rbx
    ret
