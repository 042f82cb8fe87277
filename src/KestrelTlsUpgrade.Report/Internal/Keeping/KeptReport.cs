using System.Text.Json.Serialization;

namespace KestrelTlsUpgrade.Report.Internal.Keeping;

/// <summary>The content of the file in which the counts survive a restart. Names instead of numbers, so that it outlives changes of the enumerations.</summary>
/// <param name="Format">Whose file it is.</param>
/// <param name="Version">The version of the format.</param>
/// <param name="Since">When counting began.</param>
/// <param name="Rules">The settings that decide on offers and requirements.</param>
/// <param name="Certificates">The certificates.</param>
/// <param name="Displaced">How often callers in clear text have lost their places.</param>
/// <param name="DisplacedDirectTls">How often callers over TLS have.</param>
/// <param name="Callers">The callers in clear text.</param>
/// <param name="DirectCallers">The callers that begin with TLS.</param>
/// <param name="Minutes">What happened in each minute of the last day.</param>
internal sealed record KeptReport(
    string Format,
    int Version,
    DateTimeOffset Since,
    KeptEra Rules,
    KeptEra Certificates,
    long Displaced,
    long DisplacedDirectTls,
    IReadOnlyList<KeptCaller> Callers,
    IReadOnlyList<KeptCaller> DirectCallers,
    IReadOnlyList<KeptMinute> Minutes)
{
    public const string ItsFormat = "KestrelTlsUpgrade.Report";
    public const int ItsVersion = 1;
}

internal sealed record KeptEra(DateTimeOffset Since, string? Settings = null);

internal sealed record KeptMinute(long Number, IReadOnlyDictionary<string, long> Counts);

internal sealed record KeptTally(long Count, long Last);

internal sealed record KeptCaller(
    string Product,
    string Network,
    bool IsExpected,
    long Missed,
    long LastSeen,
    KeptTally Plaintext,
    IReadOnlyDictionary<string, KeptTally> Figures,
    IReadOnlyDictionary<string, KeptTally> Declined,
    KeptTally DeclinedAsterisks,
    IReadOnlyList<KeptFailure> Failures,
    IReadOnlyList<KeptResource> Resources);

internal sealed record KeptFailure(
    string Cause, long Count, DateTimeOffset Last, string? Explanation = null, string? Host = null, string? Versions = null);

internal sealed record KeptResource(string Name, KeptAnswers Refused, KeptAnswers WouldBe);

/// <param name="Last">When the last one was given.</param>
/// <param name="Counts">How often each status, and how often to requests that offered an upgrade.</param>
internal sealed record KeptAnswers(DateTimeOffset Last, IReadOnlyDictionary<int, long[]> Counts);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(KeptReport))]
internal sealed partial class KeptJsonContext : JsonSerializerContext;
