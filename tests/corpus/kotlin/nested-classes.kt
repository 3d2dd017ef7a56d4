import java.util.ArrayDeque

enum class Dir(val dx: Int, val dy: Int) { UP(-1, 0), DOWN(1, 0), LEFT(0, -1), RIGHT(0, 1) }
sealed class Cell {
    object Wall : Cell()
    data class Free(val end: Boolean) : Cell()
}
class Grid(val rows: List<String>) {
    data class Pos(val x: Int, val y: Int)
    inner class View(val p: Pos) {
        fun cell(): Cell = rows.getOrNull(p.x)?.getOrNull(p.y)?.let { if (it == '#') Cell.Wall else Cell.Free(it == 'E') } ?: Cell.Wall
    }
}

fun main() {
    val (r, _) = readLine()!!.split(" ").map { it.toInt() }
    val grid = Grid(List(r) { readLine()!! })
    val sx = grid.rows.indexOfFirst { 'S' in it }
    val start = Grid.Pos(sx, grid.rows[sx].indexOf('S'))
    val dist = hashMapOf(start to 0)
    val queue = ArrayDeque<Grid.Pos>().apply { add(start) }
    var best = -1
    loop@ while (queue.isNotEmpty()) {
        val p = queue.poll()
        when (val c = grid.View(p).cell()) {
            is Cell.Free -> if (c.end) { best = dist.getValue(p); break@loop }
            Cell.Wall -> continue@loop
        }
        for (d in Dir.values()) {
            val n = Grid.Pos(p.x + d.dx, p.y + d.dy)
            if (n !in dist && grid.View(n).cell() !is Cell.Wall) { dist[n] = dist.getValue(p) + 1; queue.add(n) }
        }
    }
    println(best)
}
