// What can be measured without axe: width, headings, language, title.
() => {
  const room = document.documentElement.clientWidth;
  const name = (element) =>
    element.tagName.toLowerCase() + (element.id ? "#" + element.id : "") +
    (element.classList.length ? "." + [...element.classList].join(".") : "");
  const wide = [];
  for (const element of document.body.querySelectorAll("*")) {
    if (!element.checkVisibility() || element.closest(".visually-hidden, .skip, .scroll, svg")) continue;
    const box = element.getBoundingClientRect();
    if (box.width > 0 && (box.right > room + 0.5 || box.left < -0.5)) wide.push(name(element) + " " + Math.round(box.left) + "–" + Math.round(box.right));
  }
  const head = document.querySelector("body > header");
  return {
    room: room,
    content: document.documentElement.scrollWidth,
    wide: wide,
    headings: document.querySelectorAll("h1").length,
    language: document.documentElement.lang,
    title: document.title,
    heading: (document.querySelector("h1") || {}).innerText || "",
    summary: document.querySelector("[data-error-summary]") !== null,
    focused: document.activeElement ? name(document.activeElement) : "",
    head: head ? head.getBoundingClientRect().height : 0,
    styled: getComputedStyle(document.body).margin === "0px",
    inline: document.querySelectorAll("style, [style], script:not([src])").length,
  };
}
