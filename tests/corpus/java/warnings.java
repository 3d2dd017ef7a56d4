import java.util.*;
public class Main {
    public static void main(String[] args) {
        List list = new ArrayList();
        Scanner sc = new Scanner(System.in);
        list.add(new Integer(sc.nextInt()));
        list.add(new Integer(sc.nextInt()));
        Vector<Integer> v = new Vector<Integer>((Collection) list);
        System.out.println(v.get(0).intValue() + v.elementAt(1).intValue());
    }
}
