package outer {
  package inner {
    object Start {
      def main(a: Array[String]): Unit = println(outer.Text.greeting)
    }
  }
  object Text { val greeting = "Hello, World!" }
}
