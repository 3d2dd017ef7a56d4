namespace Greet {
  export abstract class Base {
    constructor(protected readonly who: string) {}
    abstract say(): string;
  }
  export class Polite extends Base {
    say(): string { return `Hello, ${this.who}!`; }
  }
}
console.log(new Greet.Polite("World").say());
