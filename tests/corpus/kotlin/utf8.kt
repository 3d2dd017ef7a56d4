fun `turn round`(строка: String) = строка.reversed()
fun main() = println(`turn round`(readln()))
