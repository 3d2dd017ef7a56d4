let rec f n = if n = 0 then 0 else n + f (n - 1)
let () = print_endline (string_of_int (f (read_int ())))
