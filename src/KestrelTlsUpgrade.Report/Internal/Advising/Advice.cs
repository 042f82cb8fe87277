using System.Text.Json.Serialization;

namespace KestrelTlsUpgrade.Report.Internal.Advising;

/// <summary>A step that the operator can take, and whom it would meet.</summary>
/// <param name="Setting">The setting of the step.</param>
/// <param name="Value">Its new value.</param>
/// <param name="MeetsNobody">Whether no caller would be refused or fail, except those that are expected.</param>
/// <param name="Summary">The same in sentences.</param>
/// <param name="Callers">The callers that it would meet, those that lose most first.</param>
internal sealed record Advice(string Setting, string Value, bool MeetsNobody, string Summary, IReadOnlyList<AdvisedCaller> Callers);

/// <param name="Product">What the caller calls itself; empty if nothing.</param>
/// <param name="Network">The network that it calls from.</param>
/// <param name="Outcome">What would become of its requests.</param>
/// <param name="Count">How many of them have been seen.</param>
/// <param name="Resources">The resources that they were for, if only some are concerned.</param>
/// <param name="Remedy">What to do before the step.</param>
internal sealed record AdvisedCaller(
    string Product, string Network, StepOutcome Outcome, long Count, IReadOnlyList<string> Resources, string Remedy)
{
    /// <summary>Whether the operator expects it in clear text.</summary>
    public bool IsExpected { get; init; }

    /// <summary>Whether it has accepted the certificate before.</summary>
    [JsonIgnore]
    public bool IsKnown { get; init; }
}

/// <summary>What a step makes of requests that are answered in clear text now.</summary>
internal enum StepOutcome
{
    /// <summary>Answered with 426 or 403.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>Accepted with 101, after which TLS is likely to fail.</summary>
    [JsonStringEnumMemberName("failing")]
    Failing,

    /// <summary>Sent to https.</summary>
    [JsonStringEnumMemberName("redirected")]
    Redirected,

    /// <summary>Answered over TLS, if the client accepts the certificate.</summary>
    [JsonStringEnumMemberName("upgraded")]
    Upgraded,
}
