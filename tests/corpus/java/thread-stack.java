public class Main implements Runnable {
    static long f(int n) { return n == 0 ? 0 : n + f(n - 1); }

    public void run() {
        int n = new java.util.Scanner(System.in).nextInt();
        System.out.println(f(n));
    }

    public static void main(String[] args) throws InterruptedException {
        Thread t = new Thread(null, new Main(), "main2", 1 << 28);
        t.start();
        t.join();
    }
}
