package org.example.kotlin

import java.util.Scanner

class Solver(private val a: Int, private val b: Int) {
    fun solve() = a + b
}

fun main() = with(Scanner(System.`in`)) {
    println(Solver(nextInt(), nextInt()).solve())
}
