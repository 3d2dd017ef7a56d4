global main
extern scanf, printf
section .data
fin db "%ld", 0
fout db "%ld", 10, 0
section .bss
n resq 1
x resq 1
section .text
main:
    push rbx
    push r12
    sub rsp, 8
    mov rdi, fin
    mov rsi, n
    xor eax, eax
    call scanf
    xor ebx, ebx
    xor r12d, r12d
.next:
    cmp rbx, [n]
    jge .done
    mov rdi, fin
    mov rsi, x
    xor eax, eax
    call scanf
    add r12, [x]
    inc rbx
    jmp .next
.done:
    mov rdi, fout
    mov rsi, r12
    xor eax, eax
    call printf
    add rsp, 8
    pop r12
    pop rbx
    xor eax, eax
    ret
