let () =
  let t0 = Unix.gettimeofday () in
  let s = ref 0 in
  (try
     while true do
       List.iter (fun w -> s := !s + int_of_string w) (Str.split (Str.regexp "[ \t\r]+") (input_line stdin))
     done
   with End_of_file -> ());
  if t0 > 0. then Printf.printf "%d\n" !s
