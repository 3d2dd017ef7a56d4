import java.util.*;
import java.util.function.*;

public class Main<T extends Comparable<T> & java.io.Serializable> {
    private final List<T> items = new ArrayList<>();

    <R> R fold(R start, BiFunction<R, ? super T, R> f) {
        for (T t : items) start = f.apply(start, t);
        return start;
    }

    public static void main(String[] args) {
        Main<Integer> m = new Main<>();
        Scanner sc = new Scanner(System.in);
        while (sc.hasNextInt()) m.items.add(sc.nextInt());
        System.out.println(m.<Integer>fold(0, Integer::sum));
    }
}
