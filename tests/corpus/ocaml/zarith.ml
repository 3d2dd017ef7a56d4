let () = print_endline (Z.to_string (Z.of_int (read_int ())))
