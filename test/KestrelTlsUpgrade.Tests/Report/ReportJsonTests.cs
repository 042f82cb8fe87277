using System.Text.Json;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Tests.Report;

/// <summary>The JSON of the report, held against the table in its README.</summary>
public sealed partial class ReportJsonTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents/src/Report.md"));

    [Fact]
    public void Members_AreThoseThatAreListed()
    {
        using var json = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(
            SampleReport.Create(SampleReport.CreateFullCaller("curl/8")), ReportJsonContext.Default.ReportContent));
        var members = new SortedSet<string>(StringComparer.Ordinal);
        Collect(json.RootElement, "", members);

        // A day has what an hour has, and the names of settings and statuses are values.
        var expected = members
            .Where(static member => !member.StartsWith("day.", StringComparison.Ordinal))
            .Select(static member => Named().Replace(member, "$1.*"))
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(expected, Row().Matches(Document).Select(static row => $"{row.Groups[1].Value} {row.Groups[2].Value}").Order(StringComparer.Ordinal));
        Assert.Equal(
            members.Where(static member => member.StartsWith("hour.", StringComparison.Ordinal)).Select(static member => member["hour.".Length..]),
            members.Where(static member => member.StartsWith("day.", StringComparison.Ordinal)).Select(static member => member["day.".Length..]));
    }

    [Fact]
    public void Values_AreForPrograms()
    {
        using var json = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(
            SampleReport.Create(SampleReport.CreateCaller("</script>")), ReportJsonContext.Default.ReportContent));
        Assert.Equal(SampleReport.Now, json.RootElement.GetProperty("generatedAt").GetDateTimeOffset());
        Assert.Equal("</script>", json.RootElement.GetProperty("callers").GetProperty("all")[0].GetProperty("product").GetString());
        var certificates = json.RootElement.GetProperty("endpoints")[0].GetProperty("certificates");
        Assert.Equal(["Valid", "Expired"], certificates.EnumerateArray().Select(static certificate => certificate.GetProperty("state").GetString()));
        Assert.Equal("Any", json.RootElement.GetProperty("endpoints")[0].GetProperty("settings").GetProperty("DirectTls").GetString());
    }

    private static void Collect(JsonElement element, string path, SortedSet<string> members)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    Collect(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}", members);
                }

                break;

            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Collect(item, $"{path}[]", members);
                }

                break;

            default:
                members.Add($"{path} {GetKind(element)}");
                break;
        }
    }

    private static string GetKind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => value.TryGetDateTimeOffset(out _) ? "time" : "text",
    };

    [GeneratedRegex(@"(\.settings|\.refusals|\.declined|\.refused|\.wouldBe)\.\w+(?= )")]
    private static partial Regex Named();

    [GeneratedRegex(@"^\| `([^`]+)` \| (time|text|number|boolean) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
