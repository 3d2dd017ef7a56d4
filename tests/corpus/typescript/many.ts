declare function require(name: string): any;
class Input {
  private readonly lines: IterableIterator<string>;
  constructor() { this.lines = (require("fs").readFileSync(0, "utf8") as string).split("\n").values(); }
  int(): number { return parseInt(this.lines.next().value as string); }
}
const inp = new Input();
let s = 0;
for (let n = inp.int(); n > 0; n--) s += inp.int();
console.log(s);
