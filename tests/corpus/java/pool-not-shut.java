import java.util.*;
import java.util.concurrent.*;
public class Main {
    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        Scanner sc = new Scanner(System.in);
        Future<Integer> f = pool.submit(() -> sc.nextInt() + sc.nextInt());
        System.out.println(f.get());
    }
}
