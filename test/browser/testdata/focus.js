// What has the focus, and whether a person can see that.
() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return { number: -1, visible: true, why: "" };
  const style = getComputedStyle(element);
  const box = element.getClientRects()[0]; // a link may have several, one a line
  const why = [];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) why.push("no outline");
  const x = box.left + Math.min(box.width / 2, 40), y = box.top + box.height / 2;
  const there = document.elementFromPoint(x, y);
  const label = [...(element.labels || [])].some((one) => one.contains(there));
  if (!there || !(element.contains(there) || label)) why.push("hidden: " + (there ? there.outerHTML.slice(0, 80) : "off the screen"));
  return { number: element.dataset.number === undefined ? -1 : Number(element.dataset.number), visible: why.length === 0, why: why.join(", ") };
}
