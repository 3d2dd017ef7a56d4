import java.util.*;
public class Main {
    public static void main(String[] args) {
        List<int[]> l = new ArrayList<>();
        for (int i = 0; ; i++) l.add(new int[1 << 16]);
    }
}
