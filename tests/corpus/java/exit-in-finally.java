import java.io.*;
import java.util.*;
public class Main {
    public static void main(String[] args) {
        Thread t = new Thread(() -> { while (true) { try { Thread.sleep(1000); } catch (InterruptedException e) { } } });
        t.start();
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out));
        try {
            Scanner sc = new Scanner(System.in);
            out.println(sc.nextInt() + sc.nextInt());
        } finally {
            out.flush();
            System.exit(0);
        }
    }
}
