{$APPTYPE CONSOLE}
{$MODE DELPHI}
{$R+,Q+,S+,I+}
program Project1;

uses
  SysUtils, Math, Classes;

type
  TPair = record
    A, B: Int64;
    function Sum: Int64;
  end;

function TPair.Sum: Int64;
begin
  Result := A + B;
end;

var
  P: TPair;
begin
  Read(P.A, P.B);
  Writeln(IntToStr(P.Sum));
end.
