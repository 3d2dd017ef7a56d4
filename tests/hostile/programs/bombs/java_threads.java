// @ends exited|wall|memory|signalled  @limits wall=3 cpu=3 processes=40 memory=256  @never MANY
public class Main {
    public static void main(String[] a) {
        int n = 0;
        try {
            for (; n < 2000; n++) {
                Thread t = new Thread(() -> { try { Thread.sleep(9999); } catch (InterruptedException e) { } });
                t.setDaemon(true);
                t.start();
            }
        } catch (Throwable t) { }
        System.out.println(n > 100 ? "MANY" : "few");
    }
}
