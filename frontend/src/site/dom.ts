/** Elements of a page: those that its template promises, and new ones. */

/** An element that the template promises. */
export function part<T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

/** A new element with a class and text. */
export function made<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", className = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

/** Show what is wrong beside a control and move the focus there; `described` is what describes the control anyway. */
export function refuse(field: HTMLElement, words: string, described = ""): void {
  const error = made("div", words, "field-error");
  error.id = `${field.id}-error`;
  field.before(error);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", `${described} ${error.id}`.trim());
  field.focus();
}

/** Take the error beside a control away again. */
export function settle(field: HTMLElement, described = ""): void {
  field.removeAttribute("aria-invalid");
  field.setAttribute("aria-describedby", described);
  document.getElementById(`${field.id}-error`)?.remove();
}
