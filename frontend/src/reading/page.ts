/** Reads one PDF, or two beside each other: by page, by bookmark, both together. Without it the links open the files alone. */

import { GlobalWorkerOptions, getDocument } from "pdfjs-dist";
import type { PDFDocumentProxy, RenderTask } from "pdfjs-dist";
import { part } from "../site/dom.js";
import { loadWords, say } from "../site/words.js";

type Bookmark = Awaited<ReturnType<PDFDocumentProxy["getOutline"]>>[number];

const SHARPEST = 2;

class Pane {
  private readonly canvas: HTMLCanvasElement;
  private readonly field: HTMLInputElement;
  private readonly text: HTMLElement;
  private readonly state: HTMLElement;
  private drawing: RenderTask | undefined;
  private wanted = 1;
  private zoom = 1;
  /** Told of every page that somebody turned to here. */
  turned: (by: number) => void = () => undefined;

  private constructor(
    private readonly root: HTMLElement,
    private readonly file: PDFDocumentProxy,
  ) {
    this.canvas = part("canvas", root);
    this.field = part("[data-page]", root);
    this.text = part("[data-text]", root);
    this.state = part("[data-state]", root);
  }

  static async open(root: HTMLElement): Promise<Pane> {
    const url = root.dataset["pdf"]!;
    const file = await getDocument({ url, cMapUrl: "/static/vendor/", cMapPacked: true, useWasm: false, isEvalSupported: false, enableXfa: false }).promise;
    const pane = new Pane(root, file);
    await pane.begin();
    return pane;
  }

  private async begin(): Promise<void> {
    part("[data-pages]", this.root).textContent = String(this.file.numPages);
    this.field.max = String(this.file.numPages);
    this.field.addEventListener("change", () => this.turn(Number(this.field.value) - this.wanted));
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("[data-turn]")) {
      button.addEventListener("click", () => this.turn(Number(button.dataset["turn"])));
    }
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("[data-zoom]")) {
      button.addEventListener("click", () => {
        this.zoom = Math.min(4, Math.max(0.5, this.zoom * Number(button.dataset["zoom"])));
        void this.show(this.wanted);
      });
    }
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "PageDown" || event.key === "PageUp") {
        event.preventDefault();
        this.turn(event.key === "PageDown" ? 1 : -1);
      }
    });
    await this.bookmarks();
    await this.show(1);
  }

  get page(): number {
    return this.wanted;
  }

  /** Turn by so many pages, and tell the other pane. */
  turn(by: number): void {
    const before = this.wanted;
    void this.show(before + by);
    if (this.wanted !== before) this.turned(this.wanted - before);
  }

  /** Show a page of this file; beyond its ends the first or last one. */
  async show(number: number): Promise<void> {
    this.wanted = Math.min(this.file.numPages, Math.max(1, Math.round(number) || 1));
    this.field.value = String(this.wanted);
    this.drawing?.cancel();
    const page = await this.file.getPage(this.wanted);
    const width = this.canvas.parentElement!.clientWidth;
    const scale = (width / page.getViewport({ scale: 1 }).width) * this.zoom;
    const viewport = page.getViewport({ scale: scale * Math.min(window.devicePixelRatio || 1, SHARPEST) });
    this.canvas.width = viewport.width;
    this.canvas.height = viewport.height;
    this.canvas.style.width = `${width * this.zoom}px`;
    this.drawing = page.render({ canvas: this.canvas, viewport });
    try {
      await this.drawing.promise;
    } catch (error) {
      if ((error as Error).name !== "RenderingCancelledException") throw error;
      return;
    }
    const { items } = await page.getTextContent();
    this.text.textContent = items.map((item) => ("str" in item ? item.str : "")).join(" ");
    this.state.textContent = say("page", { page: this.wanted, pages: this.file.numPages });
    this.root.dataset["ready"] = String(this.wanted);
  }

  private async bookmarks(): Promise<void> {
    const outline = await this.file.getOutline();
    const place = part("[data-outline]", this.root);
    if (outline?.length) place.append(this.list(outline));
    else place.textContent = say("no-bookmarks");
  }

  private list(bookmarks: readonly Bookmark[]): HTMLUListElement {
    const list = document.createElement("ul");
    list.className = "tree";
    for (const bookmark of bookmarks) {
      const entry = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-link";
      button.textContent = bookmark.title;
      button.addEventListener("click", () => void this.follow(bookmark));
      entry.append(button);
      if (bookmark.items.length) entry.append(this.list(bookmark.items as Bookmark[]));
      list.append(entry);
    }
    return list;
  }

  private async follow(bookmark: Bookmark): Promise<void> {
    const place = typeof bookmark.dest === "string" ? await this.file.getDestination(bookmark.dest) : bookmark.dest;
    if (place) this.turn((await this.file.getPageIndex(place[0])) + 1 - this.wanted);
  }
}

async function read(): Promise<void> {
  const page = part("[data-reading]");
  loadWords(page);
  GlobalWorkerOptions.workerSrc = page.dataset["worker"]!;
  const panes: Pane[] = [];
  for (const root of page.querySelectorAll<HTMLElement>("[data-pdf]")) {
    try {
      panes.push(await Pane.open(root));
    } catch {
      part("[data-state]", root).textContent = say("not-shown");
    }
  }
  const together = document.querySelector<HTMLInputElement>("[data-together]");
  for (const pane of panes) {
    pane.turned = (by) => {
      if (together?.checked) for (const other of panes) if (other !== pane) void other.show(other.page + by);
    };
  }
}

void read();
