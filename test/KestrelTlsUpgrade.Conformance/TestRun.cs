using System.Text.Json;
using System.Text.RegularExpressions;

namespace KestrelTlsUpgrade.Conformance;

/// <summary>The tests of a run, from the reports (CTRF) of all test projects.</summary>
internal static partial class TestRun
{
    public static IReadOnlyList<TestMethod> Read(string directory) =>
    [
        .. Directory.EnumerateFiles(directory, "*.ctrf")
            .SelectMany(ReadCases)
            .GroupBy(static test => test.Name, static test => test.Status)
            .Select(static cases => new TestMethod(cases.Key, cases.Max(), FindRequirements(cases.Key)))
            .OrderBy(static test => test.Name, StringComparer.Ordinal),
    ];

    private static IEnumerable<(string Name, TestStatus Status)> ReadCases(string path)
    {
        using var report = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (var test in report.RootElement.GetProperty("results").GetProperty("tests").EnumerateArray())
        {
            yield return (
                string.Join('.', test.GetProperty("name").GetString()!.Split('(')[0].Split('.')[^2..]),
                test.GetProperty("status").GetString() switch
                {
                    "passed" => TestStatus.Passed,
                    "skipped" => TestStatus.Skipped,
                    _ => TestStatus.Failed,
                });
        }
    }

    /// <summary>S01_S02_Offer_IsTaken names two rows; so does Offer_S01_S02_IsTaken.</summary>
    private static string[] FindRequirements(string name) =>
        [.. RequirementName().Matches(name).Select(static match => $"{match.Groups[1].Value}-{match.Groups[2].Value}").Distinct()];

    [GeneratedRegex(@"(?<=[._])([SCPA])(\d\d)(?=_|$)")]
    private static partial Regex RequirementName();
}
