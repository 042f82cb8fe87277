using System.Text;

namespace KestrelTlsUpgrade.Conformance;

/// <summary>Which requirement is checked by which test, and what is wrong with that.</summary>
internal sealed class ConformanceReport(IReadOnlyList<Requirement> requirements, IReadOnlyList<TestMethod> tests)
{
    private const string ByDesign = "by design";

    private readonly ILookup<string, TestMethod> _tests = tests
        .SelectMany(static test => test.Requirements.Select(id => (Id: id, Test: test)))
        .ToLookup(static pair => pair.Id, static pair => pair.Test);

    /// <summary>Rows without a test or a reason, rows whose test failed, and tests that name no row.</summary>
    public IEnumerable<string> FindFaults()
    {
        foreach (var requirement in requirements)
        {
            if (!_tests.Contains(requirement.Id) && requirement.ByDesign.Length == 0)
            {
                yield return $"{requirement.Id} has no test.";
            }

            foreach (var test in _tests[requirement.Id].Where(static test => test.Status is TestStatus.Failed))
            {
                yield return $"{requirement.Id}: {test.Name} failed.";
            }
        }

        foreach (var unknown in _tests.Where(tests => requirements.All(requirement => requirement.Id != tests.Key)))
        {
            yield return $"{unknown.First().Name} names {unknown.Key}, which is no row.";
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append("# Conformance\n\n")
            .Append("Made by `build/conformance` from a run of all tests and [Requirements.md](Requirements.md).\n\n")
            .Append($"{requirements.Count} rows: {Count("passed")} passed, {Count("skipped")} skipped, {Count("failed")} failed, ")
            .Append($"{Count(ByDesign)} without a test by design, {Count("no test")} without any.\n\n")
            .Append("| row | source (RFC) | requirement | tests | result |\n|---|---|---|---|---|\n");
        foreach (var requirement in requirements)
        {
            var names = string.Join("<br>", _tests[requirement.Id].Select(static test => $"`{test.Name}`"));
            string[] results = requirement.ByDesign.Length == 0 ? [ResultOf(requirement)]
                : names.Length == 0 ? [$"{ByDesign}: {requirement.ByDesign}"]
                : [ResultOf(requirement), $"{ByDesign}: {requirement.ByDesign}"];
            text.Append($"| {requirement.Id} | {requirement.Source} | {requirement.Text} | {names} | {string.Join("; ", results)} |\n");
        }

        return text.ToString();
    }

    private int Count(string result) => requirements.Count(requirement => ResultOf(requirement) == result);

    private string ResultOf(Requirement requirement) =>
        _tests.Contains(requirement.Id)
            ? _tests[requirement.Id].Max(static test => test.Status) switch
            {
                TestStatus.Passed => "passed",
                TestStatus.Skipped => "skipped",
                _ => "failed",
            }
            : requirement.ByDesign.Length > 0 ? ByDesign : "no test";
}
