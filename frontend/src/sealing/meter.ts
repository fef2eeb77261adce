/** A progress bar with speed and time left, by the last seconds rather than since the start. */

import { duration, say, size } from "../site/words.js";
import { part } from "../site/dom.js";

const WINDOW = 8_000;

export class Meter {
  private readonly bar: HTMLProgressElement;
  private readonly facts: HTMLElement;
  private marks: { at: number; done: number }[] = [];

  constructor(section: HTMLElement) {
    this.bar = part<HTMLProgressElement>("progress", section);
    this.facts = part("[data-facts]", section);
    this.bar.removeAttribute("value");
    this.facts.textContent = "";
  }

  show(done: number, total: number): void {
    const at = performance.now();
    this.marks = [...this.marks.filter((mark) => at - mark.at < WINDOW), { at, done }];
    const [first] = this.marks;
    const seconds = (at - first!.at) / 1000;
    const speed = seconds > 0.5 ? (done - first!.done) / seconds : 0;
    this.bar.max = total;
    this.bar.value = Math.min(done, total);
    const share = Math.floor((100 * Math.min(done, total)) / total);
    const known = { share, done: size(done), total: size(total) };
    this.facts.textContent = speed && done < total
      ? say("progress-speed", { ...known, speed: `${size(speed)}/s`, left: duration((total - done) / speed) })
      : say("progress", known);
  }
}
