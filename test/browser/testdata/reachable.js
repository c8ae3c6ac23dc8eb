// Numbers everything that can be operated, and gives the names in that order.
() => {
  const operable = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const found = [...document.querySelectorAll(operable)].filter((element) => element.checkVisibility() && !element.disabled);
  return found.map((element, i) => {
    element.dataset.number = i;
    return (element.innerText || element.labels?.[0]?.innerText || element.id || element.tagName).trim().slice(0, 40);
  });
}
