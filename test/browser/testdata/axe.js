// Runs axe with every rule of WCAG 2.0 to 2.2, A and AA, and best practice.
async () => {
  const found = await axe.run(document, {
    runOnly: {
      type: "tag",
      values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    rules: { "target-size": { enabled: true } }, // new in WCAG 2.2, off by default
    resultTypes: ["violations"], // the others cost a third of the time
    preload: false, // it would fetch our style sheets again
  });
  return found.violations.map((rule) => ({
    rule: rule.id,
    help: rule.help,
    nodes: rule.nodes.map((node) => node.target.join(" ") + " – " + (node.failureSummary || "").replace(/\s+/g, " ")),
  }));
}
