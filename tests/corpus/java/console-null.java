import java.io.Console;
public class Main {
    public static void main(String[] args) {
        Console c = System.console();
        String[] p = c.readLine().split(" ");
        System.out.println(Integer.parseInt(p[0]) + Integer.parseInt(p[1]));
    }
}
