package com.example.hello

object HelloWorld extends App {
  println(s"Hello, ${"World"}!")
}
