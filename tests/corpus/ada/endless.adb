procedure Main is
   X : Integer := 0;
   pragma Volatile (X);
begin
   loop
      X := 1 - X;
   end loop;
end Main;
