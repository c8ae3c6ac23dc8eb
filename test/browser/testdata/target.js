// Brings an element onto the screen and says where its middle is.
(selector) => {
  const all = [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility());
  if (all.length !== 1) return { X: 0, Y: 0, Error: all.length + " such elements are on the page" };
  const element = all[0];
  element.scrollIntoView({ block: "center", behavior: "instant" });
  const box = element.getClientRects()[0];
  const x = box.left + box.width / 2, y = box.top + box.height / 2;
  const there = document.elementFromPoint(x, y);
  if (there && (element.contains(there) || there.contains(element) || [...(element.labels || [])].some((label) => label.contains(there)))) {
    return { X: x, Y: y, Error: "" };
  }
  return { X: x, Y: y, Error: "something lies over it: " + (there ? there.outerHTML.slice(0, 120) : "nothing there") };
}
