fun main() = generateSequence(::readLine)
    .flatMap { it.trim().split(Regex("\\s+")).asSequence() }
    .filter(String::isNotEmpty)
    .groupingBy { it }.eachCount()
    .toSortedMap()
    .forEach { (w, c) -> println("$w $c") }
