import java.util.*;
public class Main {
    public static void main(String[] args) {
        Scanner sc = new Scanner(System.in);
        int lo = 1, hi = 1000;
        while (true) {
            int mid = (lo + hi) / 2;
            System.out.println(mid);
            String s = sc.next();
            if (s.equals("correct")) return;
            if (s.equals("higher")) lo = mid + 1; else hi = mid - 1;
        }
    }
}
