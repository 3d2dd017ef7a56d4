with Ada.Text_IO; use Ada.Text_IO;
with Ada.Integer_Text_IO; use Ada.Integer_Text_IO;
procedure Main is
   Lo : Integer := 1;
   Hi : Integer := 1000;
   M : Integer;
begin
   loop
      M := (Lo + Hi) / 2;
      Put (M, 0);
      New_Line;
      Flush;
      declare
         Answer : constant String := Get_Line;
      begin
         if Answer = "higher" then
            Lo := M + 1;
         elsif Answer = "lower" then
            Hi := M - 1;
         else
            exit;
         end if;
      end;
   end loop;
end Main;
