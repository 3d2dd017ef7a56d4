let rec go lo hi =
  let m = (lo + hi) / 2 in
  Printf.printf "%d\n%!" m;
  match read_line () with "higher" -> go (m + 1) hi | "lower" -> go lo (m - 1) | _ -> ()
let () = go 1 1000
