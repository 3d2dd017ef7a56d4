procedure Main is
   type Block is array (1 .. 100_000) of Integer;
   type Link is access Block;
   Last : Link;
   pragma Volatile (Last);
begin
   loop
      Last := new Block'(others => 1);
   end loop;
end Main;
