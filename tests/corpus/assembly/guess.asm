global main
extern scanf, printf, fflush
section .data
g db "%d", 10, 0
w db "%15s", 0
section .bss
s resb 16
section .text
main:
    push rbx
    push r12
    push r13
    mov ebx, 1
    mov r12d, 1000
.l: lea r13d, [rbx + r12]
    shr r13d, 1
    mov edi, g
    mov esi, r13d
    xor eax, eax
    call printf
    xor edi, edi
    call fflush
    mov edi, w
    mov esi, s
    xor eax, eax
    call scanf
    cmp byte [s], 'h'
    je .h
    cmp byte [s], 'l'
    je .low
    pop r13
    pop r12
    pop rbx
    xor eax, eax
    ret
.h: lea ebx, [r13 + 1]
    jmp .l
.low:
    lea r12d, [r13 - 1]
    jmp .l
