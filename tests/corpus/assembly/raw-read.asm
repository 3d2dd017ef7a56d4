global _start
section .bss
buf resb 4096
section .text
_start:
    xor eax, eax
    xor edi, edi
    mov rsi, buf
    mov edx, 4096
    syscall
    mov rsi, buf
    call number
    mov r12, rax
    call number
    add rax, r12
    mov rdi, buf + 40
    mov byte [rdi], 10
    mov r8, rax
    test rax, rax
    jns .digits
    neg rax
.digits:
    mov ecx, 10
.next:
    xor edx, edx
    div rcx
    add dl, '0'
    dec rdi
    mov [rdi], dl
    test rax, rax
    jnz .next
    test r8, r8
    jns .write
    dec rdi
    mov byte [rdi], '-'
.write:
    mov rsi, rdi
    mov rdx, buf + 41
    sub rdx, rsi
    mov edi, 1
    mov eax, 1
    syscall
    mov eax, 60
    xor edi, edi
    syscall
number:
    xor eax, eax
    xor r9d, r9d
.skip:
    movzx ecx, byte [rsi]
    inc rsi
    cmp cl, ' '
    je .skip
    cmp cl, 10
    je .skip
    cmp cl, '-'
    jne .digit
    mov r9d, 1
    movzx ecx, byte [rsi]
    inc rsi
.digit:
    sub ecx, '0'
    cmp ecx, 9
    ja .end
    imul rax, rax, 10
    add rax, rcx
    movzx ecx, byte [rsi]
    inc rsi
    jmp .digit
.end:
    test r9d, r9d
    jz .positive
    neg rax
.positive:
    ret
