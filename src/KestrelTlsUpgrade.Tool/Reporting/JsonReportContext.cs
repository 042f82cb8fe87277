using System.Text.Json;
using System.Text.Json.Serialization;
using KestrelTlsUpgrade.Tool.Probing.Results;
using KestrelTlsUpgrade.Tool.Verdicts;

namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>How a report is written as JSON. What has no value is written as null, so that every name is always there.</summary>
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
    /// <summary>Writes the members of an enumeration as the names of properties are written.</summary>
    internal sealed class CamelCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
        where T : struct, Enum;
}
