// @ends exited|memory|signalled  @limits memory=200 wall=4 cpu=4 processes=40
import java.util.*;
public class Main {
    public static void main(String[] a) {
        List<byte[]> x = new ArrayList<>();
        while (true) x.add(new byte[1 << 20]);
    }
}
