using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Report.Internal.Advising;

namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <summary>The content of the report, as serialized to JSON. The README documents it: members may be added, and keep their meaning.</summary>
/// <param name="GeneratedAt">When it was made.</param>
/// <param name="Since">When the server began to collect.</param>
/// <param name="Hour">The last hour, by minutes.</param>
/// <param name="Day">The last day, by half-hours.</param>
/// <param name="Callers">Who calls, in clear text or over TLS.</param>
/// <param name="Endpoints">The endpoints that can upgrade, and what is in force there.</param>
internal sealed record ReportContent(
    DateTimeOffset GeneratedAt,
    DateTimeOffset Since,
    PeriodContent Hour,
    PeriodContent Day,
    CallersContent Callers,
    IReadOnlyList<EndpointContent> Endpoints)
{
    /// <summary>Since when the settings are in force that decide about offers and requirements, as far as the report has seen.</summary>
    public DateTimeOffset SettingsSince { get; init; } = Since;

    /// <summary>The steps that can be taken, and whom each would meet; the next one first.</summary>
    public IReadOnlyList<Advice> Advice { get; init; } = [];

    /// <summary>When the last day began.</summary>
    [JsonIgnore]
    public DateTimeOffset DayAgo => GeneratedAt.AddDays(-1);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ReportContent))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
