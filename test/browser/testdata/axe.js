// Runs axe with every rule of WCAG 2.0 to 2.2, A and AA, and best practice.
async () => {
  const found = await axe.run(document, {
    runOnly: {
      type: "tag",
      values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    rules: { "target-size": { enabled: true } }, // new in WCAG 2.2, off by default
    resultTypes: ["violations", "incomplete"],
    preload: false, // it would fetch our style sheets again
  });
  const brief = (rules) =>
    rules.map((rule) => ({
      rule: rule.id,
      help: rule.help,
      nodes: rule.nodes.map((node) => node.target.join(" ") + " – " + (node.failureSummary || "").replace(/\s+/g, " ")),
    }));
  return {
    violations: brief(found.violations),
    unsure: brief(found.incomplete),
    checks: found.passes.length,
  };
}
