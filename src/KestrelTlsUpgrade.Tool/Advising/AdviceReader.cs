using System.Globalization;
using System.Text.Json;
using KestrelTlsUpgrade.Tool.Reporting;
using KestrelTlsUpgrade.Tool.Requests;

namespace KestrelTlsUpgrade.Tool.Advising;

/// <summary>
/// Reads the advice from a report. Members and values that are not known here are left out: the server may be newer than this program, or
/// no server of ours at all.
/// </summary>
internal static class AdviceReader
{
    /// <summary>A report has 256 callers at most, and is far shorter.</summary>
    public const int MaxLength = 8 * 1024 * 1024;

    private const string Other = "it is no report (MapTlsUpgradeReport())";

    /// <exception cref="ToolException">The response is not a report with advice.</exception>
    public static async Task<Advice> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (status is < 200 or > 299)
        {
            throw NoReport($"{StatusText.Of(response)}{Explain(status, response)}");
        }

        if (await ReadContentAsync(response.Content, cancellationToken) is not { } content)
        {
            throw NoReport(string.Create(CultureInfo.InvariantCulture, $"the answer is longer than {MaxLength} bytes: {Other}"));
        }

        try
        {
            using var document = JsonDocument.Parse(content);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter for half of a surrogate pair (RFC 8259 section 8.2).
            var type = response.Content.Headers.ContentType?.MediaType is { } media ? $"{PrintableText.Cut(media)}, " : "";
            throw NoReport($"the answer is {type}not JSON: {Other}");
        }
    }

    private static string Explain(int status, HttpResponseMessage response) => status switch
    {
        404 => ": no report is mapped at this URL (AddTlsUpgradeReport(), MapTlsUpgradeReport()), or nobody may see it: outside Development it needs RequireAuthorization()",
        401 or 403 => ": the report's policy wants other credentials (--header 'Authorization: ...', --cert)",
        >= 300 and <= 399 when response.Headers.Location is { } location => $" to {PrintableText.Cut(location.OriginalString)}, and redirects are not followed",
        _ => "",
    };

    /// <summary>The content; <see langword="null"/> if it is longer than any report.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadContentAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            read.Write(buffer, 0, count);
            if (read.Length > MaxLength)
            {
                return null;
            }
        }

        return read.GetBuffer().AsMemory(0, (int)read.Length);
    }

    private static Advice Read(JsonElement report)
    {
        if (report.ValueKind is not JsonValueKind.Object || !report.TryGetProperty("advice", out var advice))
        {
            throw NoReport($"the answer is JSON without a member \"advice\": {Other}, or one of an older version");
        }

        if (advice.ValueKind is not JsonValueKind.Array)
        {
            throw NoReport($"the member \"advice\" of the answer is no list: {Other}");
        }

        AdvisedStep[] steps = [.. ListOf(advice).Select(ReadStep).OfType<AdvisedStep>()];
        if (steps.Length == 0 && advice.GetArrayLength() > 0)
        {
            throw NoReport($"the member \"advice\" of the answer has no step that is known here: {Other}, or one of a newer version");
        }

        return new(
            ReadTime(report, "since"),
            steps,
            [.. Find(report, "endpoints", JsonValueKind.Array) is { } endpoints ? ListOf(endpoints).Select(ReadSettings) : []],
            Printable(advice.GetRawText()));
    }

    private static AdvisedStep? ReadStep(JsonElement step) => ReadText(step, "setting") is not { Length: > 0 } setting ? null : new(
        new StepName(setting, ReadText(step, "value")),

        // In doubt it meets somebody.
        Find(step, "meetsNobody", JsonValueKind.True) is not null,
        ReadText(step, "summary"),
        [.. Find(step, "callers", JsonValueKind.Array) is { } callers ? ListOf(callers).Select(ReadCaller) : []]);

    private static AdvisedCaller ReadCaller(JsonElement caller) => new(
        ReadText(caller, "product"),
        ReadText(caller, "network"),
        ReadText(caller, "outcome"),
        Find(caller, "count", JsonValueKind.Number) is { } count && count.TryGetInt64(out var value) ? value : null,
        [.. Find(caller, "resources", JsonValueKind.Array) is { } resources ? resources.EnumerateArray().Select(TextOf) : []],
        ReadText(caller, "remedy"),
        Find(caller, "isExpected", JsonValueKind.True) is not null);

    private static Dictionary<string, string> ReadSettings(JsonElement endpoint)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in Find(endpoint, "settings", JsonValueKind.Object) is { } all ? all.EnumerateObject() : default)
        {
            settings[setting.Name] = TextOf(setting.Value);
        }

        return settings;
    }

    private static IEnumerable<JsonElement> ListOf(JsonElement list) =>
        list.EnumerateArray().Where(static item => item.ValueKind is JsonValueKind.Object);

    private static JsonElement? Find(JsonElement parent, string name, JsonValueKind kind) =>
        parent.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : null;

    private static string ReadText(JsonElement parent, string name) => Find(parent, name, JsonValueKind.String) is { } text ? TextOf(text) : "";

    private static DateTimeOffset? ReadTime(JsonElement parent, string name) =>
        Find(parent, name, JsonValueKind.String) is { } text && text.TryGetDateTimeOffset(out var time) ? time : null;

    private static string TextOf(JsonElement element) => element.ValueKind is JsonValueKind.String ? element.GetString()! : element.GetRawText();

    /// <summary>The same JSON without what a terminal would obey. Outside of strings there are blanks and line ends only.</summary>
    private static string Printable(string json) =>
        string.Join('\n', json.ReplaceLineEndings("\n").Replace('\t', ' ').Split('\n').Select(PrintableText.Of));

    private static ToolException NoReport(string message) => new(ExitCode.NoAdvice, message);
}
