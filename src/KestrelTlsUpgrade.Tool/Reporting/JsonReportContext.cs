using System.Text.Json;
using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Tool.Probing.Results;
using KestrelTlsUpgrade.Tool.Verdicts;

namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>Serialises a report as JSON. Missing values are written as null, so every name is always present.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    Converters =
    [
        typeof(CamelCaseConverter<ProbeOutcome>),
        typeof(CamelCaseConverter<Severity>),
        typeof(CamelCaseConverter<UpgradeWay>),
        typeof(CamelCaseConverter<UpgradeOutcome>),
        typeof(CamelCaseConverter<TlsVersionOutcome>),
        typeof(CamelCaseConverter<ClientKind>),
        typeof(CamelCaseConverter<ClientOutcome>),
        typeof(CamelCaseConverter<ClosureOutcome>),
        typeof(CamelCaseConverter<InjectionOutcome>),
    ])]
[JsonSerializable(typeof(JsonReport))]
internal sealed partial class JsonReportContext : JsonSerializerContext
{
    /// <summary>Names enumeration members in the same style as properties.</summary>
    internal sealed class CamelCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
        where T : struct, Enum;
}
