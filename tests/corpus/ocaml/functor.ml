module type COUNTER = sig
  type t
  val empty : t
  val add : string -> t -> t
  val iter : (string -> int -> unit) -> t -> unit
end

module M = Map.Make (String)

module Counter : COUNTER = struct
  type t = int M.t
  let empty = M.empty
  let add k m = M.update k (function None -> Some 1 | Some n -> Some (n + 1)) m
  let iter = M.iter
end

let rec loop acc =
  match input_line stdin with
  | exception End_of_file -> acc
  | line ->
      let words = List.filter (fun w -> w <> "") (String.split_on_char ' ' line) in
      loop (List.fold_left (fun a w -> Counter.add w a) acc words)

let () = Counter.iter (Printf.printf "%s %d\n") (loop Counter.empty)
