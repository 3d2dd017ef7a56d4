with Ada.Text_IO, Ada.Integer_Text_IO;
procedure A_Plus_B is
   A, B : Integer;
begin
   Ada.Integer_Text_IO.Get (A);
   Ada.Integer_Text_IO.Get (B);
   Ada.Text_IO.Put_Line (Integer'Image (A + B));
end A_Plus_B;
