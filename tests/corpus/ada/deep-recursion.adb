with Ada.Text_IO; use Ada.Text_IO;
with Ada.Integer_Text_IO;
procedure Main is
   function F (N : Long_Long_Integer) return Long_Long_Integer is
     (if N = 0 then 0 else N + F (N - 1));
   N : Integer;
begin
   Ada.Integer_Text_IO.Get (N);
   Put_Line (Long_Long_Integer'Image (F (Long_Long_Integer (N))));
end Main;
